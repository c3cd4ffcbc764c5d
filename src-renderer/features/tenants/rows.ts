import type { TenantView } from '../../../src-shared/contract/tenants.ts';
import type { Tunnel } from '../../../src-shared/model/chain.ts';
import type { TenantFilter } from '../../state/viewState.ts';

/** One line of the table: a tunnel, with the tenant it belongs to. */
export type TunnelRow = { key: string; view: TenantView; tunnel: Tunnel };

export function rowKeyOf(applianceId: string, clientId: string, port: number | null): string {
  return `${applianceId}/${clientId}/${port ?? '-'}`;
}

export function toRows(tenants: readonly TenantView[]): TunnelRow[] {
  return tenants.flatMap((view) =>
    view.tunnels.map((tunnel) => ({
      key: rowKeyOf(view.applianceId, view.tenant.clientId, tunnel.port),
      view,
      tunnel,
    })),
  );
}

export function needsAttention({ tunnel }: TunnelRow): boolean {
  return tunnel.tone === 'bad' || tunnel.tone === 'warn';
}

const belongs: Record<TenantFilter, (row: TunnelRow) => boolean> = {
  all: () => true,
  attention: needsAttention,
  suspended: ({ view }) => view.tenant.suspended,
};

function hasText({ view, tunnel }: TunnelRow, text: string): boolean {
  const { clientId } = view.tenant;
  const parts = [
    clientId,
    view.applianceName,
    tunnel.port,
    tunnel.destination,
    tunnel.group,
    tunnel.repository,
  ];
  return [...parts, tunnel.word, tunnel.code, tunnel.peer].join(' ').toLowerCase().includes(text);
}

/** The rows that the chips and the typed text leave. */
export function filterRows({
  rows,
  filter,
  text,
}: {
  rows: readonly TunnelRow[];
  filter: TenantFilter;
  text: string;
}): TunnelRow[] {
  const needle = text.trim().toLowerCase();
  return rows.filter((row) => belongs[filter](row) && (needle === '' || hasText(row, needle)));
}

/** How many rows each chip would leave. */
export function countRows(rows: readonly TunnelRow[]): Record<TenantFilter, number> {
  return {
    all: rows.length,
    attention: rows.filter(belongs.attention).length,
    suspended: rows.filter(belongs.suspended).length,
  };
}

/** What stands in the destination column. */
export function destinationOf({ view, tunnel }: TunnelRow): { text: string; isMachine: boolean } {
  if (tunnel.destination !== null) return { text: tunnel.destination, isMachine: true };
  if (view.tenant.suspended) return { text: 'suspended', isMachine: false };
  if (tunnel.port !== null) return { text: 'not announced (plain ssh)', isMachine: false };
  return { text: 'no forward registered', isMachine: false };
}
