import { formatCsvTable } from '../../base/csvCell.ts';
import type { PortRow } from './portRow.ts';

type Cell = (row: PortRow) => string | number | null;
type PortColumn = {
  value: Cell;
  /**
   * Layout in the page's table. A narrow window keeps the columns with the lowest `rank`. `end` aligns to the
   * right.
   */
  page?: {
    header: string;
    rank: number;
    width: string;
    maxChars?: number;
    hidesEmpty?: boolean;
    title?: string;
    end?: boolean;
  };
};

/** Every column of a tunnel list, by its stable name in exports, in the order of exports. */
export const portColumns = {
  appliance: {
    value: (row) => row.applianceName,
    page: { header: 'Appliance', rank: 6, width: '84px', maxChars: 16 },
  },
  tenant: {
    value: (row) => row.clientId,
    page: { header: 'Tenant', rank: 1, width: '94px', maxChars: 20 },
  },
  port: { value: (row) => row.port, page: { header: 'Port', rank: 2, width: '54px' } },
  group: { value: (row) => row.group },
  repository: { value: (row) => row.repository },
  destination: {
    value: (row) => row.destination,
    page: { header: 'Destination', rank: 4, width: 'minmax(240px, 3fr)' },
  },
  code: {
    value: (row) => row.code,
    page: { header: 'Code', rank: 8, width: '64px', title: 'Opens the explanation of the code' },
  },
  state: {
    value: (row) => row.word,
    page: { header: 'State', rank: 1, width: '120px', maxChars: 24 },
  },
  tone: { value: (row) => row.tone },
  chain: {
    value: (row) => row.chain,
    page: {
      header: 'Chain',
      rank: 3,
      width: '122px',
      title: 'reachable · key · session · listener · forward · service',
    },
  },
  peer: {
    value: (row) => row.peer,
    page: {
      header: 'Client',
      rank: 11,
      width: '168px',
      hidesEmpty: true,
      title: 'Address and Connect version',
    },
  },
  connect_version: { value: (row) => row.connectVersion },
  since: {
    value: (row) => row.since,
    page: { header: 'Uptime', rank: 12, width: '74px', title: 'Duration of the session' },
  },
  last_seen: {
    value: (row) => row.lastSeenAt,
    page: {
      header: 'Seen',
      rank: 7,
      width: '68px',
      title: 'When the tenant was last seen on the appliance',
    },
  },
  last_drop: {
    value: (row) => row.lastDrop?.at ?? null,
    page: { header: 'Last drop', rank: 10, width: 'minmax(150px, 1fr)', hidesEmpty: true },
  },
  last_drop_reason: { value: (row) => row.lastDrop?.reason ?? null },
  probed: { value: (row) => row.probedAt },
  latency_ms: {
    value: (row) => row.latencyMs,
    page: {
      header: 'Latency',
      rank: 9,
      width: '70px',
      end: true,
      title: 'Time to the service’s first full answer in the last test',
    },
  },
  cluster: { value: (row) => row.cluster },
  suspended: { value: (row) => (row.suspended ? 'yes' : 'no') },
  observed: { value: (row) => row.observedAt },
} as const satisfies Record<string, PortColumn>;
export type PortColumnName = keyof typeof portColumns;

/** All columns of an export, in order. */
export const exportedPortColumns: readonly { name: string; value: Cell }[] = Object.entries(portColumns).map(
  ([name, { value }]) => ({ name, value }),
);

/** Columns of the page's table, from left to right. */
export const portColumnsOnPage = [
  'appliance',
  'tenant',
  'port',
  'destination',
  'chain',
  'state',
  'code',
  'latency_ms',
  'peer',
  'since',
  'last_seen',
  'last_drop',
] as const satisfies readonly PortColumnName[];

/** Columns of the command line's table, from left to right. */
export const terminalPortColumns: readonly { header: string; value: Cell; isState?: true }[] = [
  { header: 'APPLIANCE', value: portColumns.appliance.value },
  { header: 'TENANT', value: portColumns.tenant.value },
  { header: 'PORT', value: portColumns.port.value },
  { header: 'CHAIN', value: portColumns.chain.value },
  { header: 'STATE', value: (row) => `${row.code} ${row.word}`, isState: true },
  { header: 'DESTINATION', value: portColumns.destination.value },
  { header: 'PEER', value: portColumns.peer.value },
  { header: 'SINCE', value: portColumns.since.value },
  {
    header: 'LAST DROP',
    value: (row) => (row.lastDrop === null ? null : `${row.lastDrop.at} ${row.lastDrop.reason}`),
  },
];

/** The rows as CSV, with all columns. */
export function portsCsv(rows: readonly PortRow[]): string {
  return formatCsvTable(
    exportedPortColumns.map(({ name }) => name),
    rows.map((row) => exportedPortColumns.map(({ value }) => value(row))),
  );
}
