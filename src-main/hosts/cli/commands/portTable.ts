import type { PortRow } from '../../../../src-shared/contract/ports.ts';
import { csvCell } from '../../../../src-shared/base/csvCell.ts';
import { table } from '../output.ts';

export function portTable(rows: readonly PortRow[]): string {
  return table(
    ['APPLIANCE', 'TENANT', 'PORT', 'CHAIN', 'STATE', 'DESTINATION', 'PEER', 'SINCE', 'LAST DROP'],
    rows.map((row) => [
      row.applianceName,
      row.clientId,
      row.port,
      row.chain,
      `${row.code} ${row.word}`,
      row.destination,
      row.peer,
      row.since,
      row.lastDrop === null ? null : `${row.lastDrop.at} ${row.lastDrop.reason}`,
    ]),
  );
}

const columns = {
  appliance: (row) => row.applianceName,
  tenant: (row) => row.clientId,
  port: (row) => row.port,
  group: (row) => row.group,
  repository: (row) => row.repository,
  destination: (row) => row.destination,
  code: (row) => row.code,
  state: (row) => row.word,
  tone: (row) => row.tone,
  chain: (row) => row.chain,
  peer: (row) => row.peer,
  connect_version: (row) => row.connectVersion,
  since: (row) => row.since,
  last_seen: (row) => row.lastSeenAt,
  last_drop: (row) => row.lastDrop?.at ?? null,
  last_drop_reason: (row) => row.lastDrop?.reason ?? null,
  probed: (row) => row.probedAt,
  latency_ms: (row) => row.latencyMs,
  cluster: (row) => row.cluster,
} satisfies Record<string, (row: PortRow) => string | number | null>;

/** RFC 4180, but for the end of the last line, which whoever prints it adds. */
export function portsCsv(rows: readonly PortRow[]): string {
  const cells = Object.values(columns);
  return [
    Object.keys(columns).join(','),
    ...rows.map((row) => cells.map((cell) => csvCell(cell(row))).join(',')),
  ].join('\r\n');
}
