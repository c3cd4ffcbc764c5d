import type { ConnectHealth } from './controlProtocol.ts';
import { visibleText } from '../../src-shared/base/machineText.ts';
import { formatRanges } from '../../src-shared/model/tenants/ports.ts';

/**
 * Formats the health as text, one fact per line. Text from the configuration or appliance can't control the
 * terminal.
 */
export function formatHealth(health: ConnectHealth): string {
  const { state, since, lastError, nextAttemptAt } = health;
  const lines = [
    `${state} since ${since}, Connect ${health.version}, process ${health.pid}`,
    `appliance ${health.appliance}${health.clientId === null ? '' : `, as ${health.clientId}`}`,
    ...(health.ports.length === 0 ? [] : [`ports ${formatRanges(health.ports)}`]),
    ...health.forwards.map(
      (one) =>
        `  ${one.port} ${one.bound ? 'open  ' : 'closed'} ${one.group}/${one.repository} ${one.uri}` +
        ` (${one.connections} connections)` +
        (one.lastUpstreamError === null
          ? ''
          : `; did not answer at ${one.lastUpstreamError.at}: ${one.lastUpstreamError.message}`),
    ),
    ...health.unplaced.map((one) => `  no port left for ${one.group}/${one.repository} ${one.uri}`),
    ...(lastError === null ? [] : [`last error at ${lastError.at}: ${lastError.message}`]),
    ...(nextAttemptAt === null ? [] : [`next attempt at ${nextAttemptAt}`]),
  ];
  return lines.map((line) => `${visibleText(line).replaceAll(/[\n\t]/gu, ' ')}\n`).join('');
}
