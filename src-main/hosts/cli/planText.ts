import type { TenantPlan } from '../../../src-shared/model/tenants/tenantPlan.ts';
import { formatInstant } from '../../../src-shared/base/time.ts';
import { formatRanges } from '../../../src-shared/model/tenants/ports.ts';
import { formatValue } from './output.ts';

const nothing = 'nothing';

function endsText(ends: TenantPlan['ends']): string[] {
  if (ends.length === 0) return [nothing];
  return ends.map((end) => {
    const what = end.port === null ? 'a session without a tunnel' : `tunnel ${end.port}`;
    const to = end.destination === null ? '' : ` to ${formatValue(end.destination)}`;
    return `${what}${to}${end.since === null ? '' : `, up since ${formatInstant(end.since)}`}`;
  });
}

function beforeText({ before }: TenantPlan): string {
  if (before === null) return 'no such tenant';
  return `${before.suspended ? 'suspended' : `${before.quota} ports`}: ${formatRanges(before.ports)}`;
}

function afterText({ after, action }: TenantPlan): string {
  if (after === null) return action.kind === 'remove' ? 'no such tenant' : 'unchanged';
  const ports = after.ports === null ? '' : `: ${formatRanges(after.ports)}`;
  return `${after.quota === 0 ? 'suspended' : `${after.quota} ports`}${ports}`;
}

/** Formats the plan as text: labels, each followed by its facts, one per line. */
export function planText(plan: TenantPlan): string {
  const { upload, undo } = plan;
  const facts: [string, string[]][] = [
    ['on', [plan.applianceName]],
    ['runs', plan.commands.map((command) => command.text)],
    ['as', [plan.runsAs]],
    [
      'uploads',
      upload === null
        ? []
        : [`${upload.type} ${upload.fingerprint} ${formatValue(upload.comment ?? '')}`.trim()],
    ],
    ['before', [beforeText(plan)]],
    ['after', [afterText(plan)]],
    ['releases', plan.givesUp.length === 0 ? [] : [`ports ${formatRanges(plan.givesUp)}`]],
    ['ends', endsText(plan.ends)],
    ['undo', [undo.text, ...(undo.command === null ? [] : [undo.command])]],
    ['mind', plan.warnings.map(formatValue)],
  ];
  return facts
    .flatMap(([label, lines]) => lines.map((line, index) => `${(index === 0 ? label : '').padEnd(9)}${line}`))
    .join('\n');
}
