import { tunnelCodes } from '../../../../src-shared/model/tunnels/tunnelCodes.ts';
import type { Diagnosis } from '../../../../src-shared/contract/ports.ts';
import type { Tunnel } from '../../../../src-shared/model/tunnels/chain.ts';
import { countPorts } from '../../../../src-shared/model/tenants/ports.ts';
import { countUnplaced, type Tenant } from '../../../../src-shared/model/tenants/remoteNetworks.ts';
import { formatInstant } from '../../../../src-shared/base/time.ts';
import { quoteArgv } from '../../../../src-shared/base/quoteArgv.ts';
import { formatValue, formatTable } from '../output.ts';
import { describeTest, type TestBefore } from './testBefore.ts';

/** Returns the command that does the next step of the advice. Null if no command does it. */
export function nextCommand(diagnosed: {
  applianceName: string;
  tenant: Tenant;
  tunnel: Pick<Tunnel, 'code' | 'port' | 'since' | 'lastSeenAt'>;
}): string | null {
  const { applianceName, tenant, tunnel } = diagnosed;
  const command = (verbs: readonly string[], ...more: readonly string[]) =>
    quoteArgv(['sallyport', ...verbs, applianceName, tenant.clientId, ...more]);
  const change = (verb: string, ...more: readonly string[]) =>
    `${command(['tenant', verb], ...more)} --reason TEXT`;
  const { nextCommand: next = null } = tunnelCodes[tunnel.code];
  switch (next) {
    case null:
      return null;
    case 'rotate':
      return `${command(['tenant', 'rotate'])} --pub-key FILE --reason TEXT`;
    case 'resume':
      // The appliance sets the quota of a suspended tenant to 0 but keeps its ports. So the number of ports
      // is the earlier quota.
      return change('resume', '--quota', `${countPorts(tenant.ports)}`);
    case 'release': {
      const pid = tenant.forwards.find(({ port }) => port === tunnel.port)?.listener?.pid ?? null;
      const wasSeen = tunnel.lastSeenAt !== null || tunnel.since !== null;
      if (pid === null || tunnel.port === null || !wasSeen) return null;
      return change('release', `${tunnel.port}`, '--pid', `${pid}`);
    }
    case 'change':
      return change('change', `${tenant.quota + countUnplaced(tenant)}`);
    case 'probe':
      return tunnel.port === null ? null : command(['probe'], `${tunnel.port}`);
  }
}

const maxOthers = 5;

function othersText(others: readonly Pick<Tunnel, 'port' | 'code' | 'word'>[]): string[] {
  if (others.length === 0) return [];
  const first = others.slice(0, maxOthers).map(({ port, code, word }) => `${port ?? '–'} ${code} ${word}`);
  const rest = others.length > maxOthers ? ', …' : '';
  const need = others.length === 1 ? 'needs' : 'need';
  return [formatValue(`${others.length} more of its tunnels ${need} attention: ${first.join(', ')}${rest}.`)];
}

export function diagnosisText(diagnosed: {
  applianceName: string;
  tunnel: Tunnel;
  /** The tenant's other tunnels that need attention. */
  others: readonly Tunnel[];
  diagnosis: Diagnosis;
  command: string | null;
  test: TestBefore;
}): string {
  const { applianceName, tunnel, diagnosis, command } = diagnosed;
  return [
    formatValue(`${applianceName} ${tunnel.clientId} ${tunnel.port ?? '–'}: ${tunnel.code} ${tunnel.word}`),
    ...othersText(diagnosed.others),
    formatValue(describeTest(diagnosed.test)),
    '',
    formatTable(
      ['LAYER', 'STATE', 'CODE', 'EVIDENCE'],
      tunnel.layers.map((layer) => [layer.layer, layer.state, layer.code, layer.evidence]),
    ),
    '',
    formatValue(diagnosis.meaning),
    ...(diagnosis.ask === null ? [] : [formatValue(`Ask ${diagnosis.ask}`)]),
    formatValue(`Next: ${diagnosis.next}`),
    ...(command === null ? [] : [formatValue(`      ${command}`)]),
    '',
    ...proofText(diagnosis),
  ].join('\n');
}

function proofText(diagnosis: Pick<Diagnosis, 'lines' | 'linesFrom' | 'linesError'>): string[] {
  if (diagnosis.linesError !== null) return [formatValue(diagnosis.linesError)];
  const from = diagnosis.linesFrom === null ? '' : ` since ${formatInstant(diagnosis.linesFrom)}`;
  if (diagnosis.lines.length === 0) return [`No matching log lines${from}.`];
  return [`Matching log lines${from}:`, ...diagnosis.lines.map((line) => `  ${formatValue(line.text)}`)];
}
