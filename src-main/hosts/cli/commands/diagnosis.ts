import type { Diagnosis } from '../../../../src-shared/contract/ports.ts';
import type { Tunnel } from '../../../../src-shared/model/tunnels/chain.ts';
import { countPorts } from '../../../../src-shared/model/tenants/ports.ts';
import { countUnplaced, type Tenant } from '../../../../src-shared/model/tenants/remoteNetworks.ts';
import { formatInstant } from '../../../../src-shared/base/time.ts';
import { quoteArgv } from '../../../ssh/session/quote.ts';
import { shown, table } from '../output.ts';

/** The command that does what the advice says comes next; null where that is nothing to be done from here. */
export function nextCommand(about: {
  applianceName: string;
  tenant: Tenant;
  tunnel: Pick<Tunnel, 'code' | 'port' | 'since' | 'lastSeenAt'>;
}): string | null {
  const { applianceName, tenant, tunnel } = about;
  const command = (verbs: readonly string[], ...more: readonly string[]) =>
    quoteArgv(['sallyport', ...verbs, applianceName, tenant.clientId, ...more]);
  const change = (verb: string, ...more: readonly string[]) => command(['tenant', verb], ...more);
  const reason = '--reason TEXT';
  switch (tunnel.code) {
    case 'T-2001':
    case 'T-3003':
      return `${change('rotate')} --pub-key FILE ${reason}`;
    case 'T-2002':
      // Its ports are kept; the number that it had is not known to every console.
      return `${change('resume', '--quota', `${countPorts(tenant.ports)}`)} ${reason}`;
    case 'T-4002': {
      const pid = tenant.forwards.find((one) => one.port === tunnel.port)?.listener?.pid ?? null;
      const wasSeen = tunnel.lastSeenAt !== null || tunnel.since !== null;
      if (pid === null || tunnel.port === null || !wasSeen) return null;
      return `${change('release', `${tunnel.port}`, '--pid', `${pid}`)} ${reason}`;
    }
    case 'T-4005':
      return `${change('change', `${tenant.quota + countUnplaced(tenant)}`)} ${reason}`;
    case 'T-5001':
    case 'T-5002':
    case 'T-6002':
    case 'T-6102':
      return tunnel.port === null ? null : command(['probe'], `${tunnel.port}`);
    default:
      return null;
  }
}

const maxOthers = 5;

function othersText(others: readonly Pick<Tunnel, 'port' | 'code' | 'word'>[]): string[] {
  if (others.length === 0) return [];
  const first = others.slice(0, maxOthers).map((one) => `${one.port ?? '–'} ${one.code} ${one.word}`);
  const rest = others.length > maxOthers ? ', …' : '';
  const are = others.length === 1 ? 'is' : 'are';
  return [shown(`${others.length} more of its tunnels ${are} failing: ${first.join(', ')}${rest}.`)];
}

export function diagnosisText(about: {
  applianceName: string;
  tunnel: Tunnel;
  /** The tenant's other tunnels that are not well. */
  others: readonly Tunnel[];
  diagnosis: Diagnosis;
  command: string | null;
}): string {
  const { applianceName, tunnel, diagnosis, command } = about;
  return [
    shown(`${applianceName} ${tunnel.clientId} ${tunnel.port ?? '–'}: ${tunnel.code} ${tunnel.word}`),
    ...othersText(about.others),
    '',
    table(
      ['LAYER', 'STATE', 'CODE', 'EVIDENCE'],
      tunnel.layers.map((layer) => [layer.layer, layer.state, layer.code, layer.evidence]),
    ),
    '',
    shown(diagnosis.meaning),
    ...(diagnosis.ask === null ? [] : [shown(`Ask: ${diagnosis.ask}`)]),
    shown(`Next: ${diagnosis.next}`),
    ...(command === null ? [] : [shown(`      ${command}`)]),
    '',
    ...proofText(diagnosis),
  ].join('\n');
}

function proofText(diagnosis: Pick<Diagnosis, 'lines' | 'linesFrom' | 'linesError'>): string[] {
  if (diagnosis.linesError !== null) return [shown(diagnosis.linesError)];
  const from = diagnosis.linesFrom === null ? '' : ` since ${formatInstant(diagnosis.linesFrom)}`;
  if (diagnosis.lines.length === 0) return [`The log${from} says nothing of it.`];
  return [`From the log${from}:`, ...diagnosis.lines.map((line) => `  ${shown(line.text)}`)];
}
