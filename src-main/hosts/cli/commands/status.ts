import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { idleReasons } from '../../../../src-shared/model/appliance/link.ts';
import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import type { AppError } from '../../../../src-shared/errors.ts';
import { licenceStates } from '../../../../src-shared/model/licence/licence.ts';
import { ageMs, formatDuration } from '../../../../src-shared/base/time.ts';
import { toneColours } from '../../../../src-shared/model/tunnels/tone.ts';
import type { Health } from '../../../../src-shared/model/tunnels/health.ts';
import { formatValue, formatTable, type Paint } from '../output.ts';
import {
  pollAppliances,
  findAppliance,
  noAppliancesText,
  withConsole,
  type Globals,
} from '../withConsole.ts';

function statusObject(view: ApplianceView, error: AppError | undefined) {
  return {
    name: view.entry.name,
    link: view.link,
    tone: view.health.tone,
    versions: view.status?.value.versions ?? null,
    findings: view.status?.value.findings ?? null,
    licence: view.licence?.value ?? null,
    tenants: view.tenants,
    ports: view.ports,
    tunnelsNeedingAttention: view.tunnels.down + view.tunnels.attention,
    problems: view.health.problems,
    observedAt: view.observedAt,
    error: error?.toData() ?? null,
  };
}

export type FailOn = 'warn' | 'bad';

/** The tones of health that `--fail-on` counts as a failure. An unknown state always counts. */
const failingTones: Record<FailOn, readonly Health['tone'][]> = {
  warn: ['warn', 'bad', 'unknown'],
  bad: ['bad', 'unknown'],
};

/**
 * Returns the appliances whose health is `failOn` or worse, or that did not answer, each with the reason.
 */
function findFailingAppliances(
  views: readonly ApplianceView[],
  failOn: FailOn,
  failures: ReadonlyMap<string, AppError>,
): string[] {
  return views.flatMap(({ entry, health }) => {
    if (failures.has(entry.id)) return [`${entry.name} (no answer)`];
    if (!failingTones[failOn].includes(health.tone)) return [];
    return [`${entry.name} (${health.tone === 'unknown' ? 'no answer' : health.tone})`];
  });
}

/**
 * Prints all appliances. Exit code with `failOn`: 1 if an appliance has that health or worse, did not answer,
 * or if there are no appliances, else 0. Without `failOn`: the code of the worst failure, or 0.
 */
export function printStatus(
  globals: Globals,
  names: readonly string[],
  { failOn }: { failOn?: FailOn },
): Promise<number> {
  return withConsole(globals, async (services) => {
    const entries =
      names.length === 0
        ? services.inventory.list()
        : [...new Set(names)].map((name) => findAppliance(services, name));
    const { exitCode, failures } = await pollAppliances(services, entries, globals.output);
    const views = entries.map((entry) => services.fleet.view(entry.id));
    globals.output.print(
      views.map((view) => statusObject(view, failures.get(view.entry.id))),
      (paint) => (views.length === 0 ? noAppliancesText : statusText(views, paint)),
    );
    if (failOn === undefined) return exitCode;
    // No appliances count as a failure, because the monitoring job may use a wrong data folder.
    const reasons = views.length === 0 ? ['no appliances'] : findFailingAppliances(views, failOn, failures);
    if (reasons.length === 0) return exitCodes.done;
    globals.output.printError(`sallyport: --fail-on ${failOn}: ${reasons.join(', ')}`);
    return exitCodes.failed;
  });
}

function statusText(views: readonly ApplianceView[], paint: Paint): string {
  const rows = views.map((view) => [
    view.entry.name,
    view.link.state === 'idle' && view.link.reason !== undefined
      ? idleReasons[view.link.reason].word
      : view.link.state,
    { text: view.health.tone, colour: toneColours[view.health.tone] },
    view.status?.value.versions.appliance,
    view.licence === null ? null : licenceStates[view.licence.value.state].label,
    view.tenants === null ? '–' : `${view.tenants.withSession}/${view.tenants.total}`,
    view.ports === null ? '–' : `${view.ports.listening}/${view.ports.allotted}`,
    view.observedAt === null ? 'never' : `${formatDuration(ageMs(view.observedAt, Date.now()))} ago`,
  ]);
  const problems = views.flatMap((view) =>
    view.health.problems.map(
      (problem) =>
        `${view.entry.name}: ${paint(problem.severity === 'bad' ? '✕' : '!', toneColours[problem.severity])} ${formatValue(`${problem.code} ${problem.text}`)}`,
    ),
  );
  return [
    formatTable(
      ['NAME', 'LINK', 'HEALTH', 'VERSION', 'LICENCE', 'SESSIONS', 'LISTENING', 'SEEN'],
      rows,
      paint,
    ),
    ...problems,
  ]
    .filter((line) => line !== '')
    .join('\n');
}
