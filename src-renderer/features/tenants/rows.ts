import type { PortRow } from '../../../src-shared/contract/ports.ts';
import { hasPort, type PortRange } from '../../../src-shared/model/tenants/ports.ts';
import { isSamePortRow } from '../../../src-shared/model/tunnels/portRow.ts';
import { isUnknown } from '../../../src-shared/model/tunnels/tunnelCounts.ts';
import { urgency, needsAttention } from '../../../src-shared/model/tunnels/tone.ts';
import { formatLocal } from '../../ui/feedback/Moment.tsx';
import type { ViewOf } from '../../state/views.ts';

type TenantFilter = ViewOf<'tenants'>['show'];
export type TenantOrder = ViewOf<'tenants'>['order'];

/** Repositories without a port have rows of their own, so a port does not identify a row. */
export function rowKeyOf(
  row: Pick<PortRow, 'applianceId' | 'clientId' | 'port' | 'group' | 'repository'>,
): string {
  const what = row.port ?? `- ${JSON.stringify([row.group, row.repository])}`;
  return `${row.applianceId}/${row.clientId}/${what}`;
}

/** Identifies a row without a port among those of its tenant; empty for a row without a repository. */
export function repositoryKeyOf({ group, repository }: Pick<PortRow, 'group' | 'repository'>): string {
  return [group, repository].filter((part) => part !== null).join('/');
}

export function tenantKeyOf(row: Pick<PortRow, 'applianceId' | 'clientId'>): string {
  return `${row.applianceId}/${row.clientId}`;
}

/** Describes a row for a screen reader: tenant and port, state, destination. */
export function rowLabelOf(row: PortRow): string {
  const { clientId, port, word, disagrees } = row;
  const name = port === null ? clientId : `${clientId} ${port}`;
  const parts = [
    name,
    word,
    ...(disagrees ? ['cluster members report different data'] : []),
    destinationOf(row).text,
  ];
  return [...new Set(parts)].join(', ');
}

/** Returns `next` with every unchanged row taken from `before`, or `before` itself if nothing changed. */
export function shareRows(before: PortRow[], next: PortRow[]): PortRow[] {
  if (before.length === 0) return next;
  const known = new Map(before.map((row) => [rowKeyOf(row), row]));
  let isUnchanged = before.length === next.length;
  const shared = next.map((row, index) => {
    const old = known.get(rowKeyOf(row));
    const kept = old !== undefined && isSamePortRow(old, row) ? old : row;
    if (kept !== before[index]) isUnchanged = false;
    return kept;
  });
  return isUnchanged ? before : shared;
}

const belongs: Record<TenantFilter, (row: PortRow) => boolean> = {
  all: () => true,
  attention: ({ tone }) => needsAttention(tone),
  unknown: isUnknown,
  suspended: ({ suspended }) => suspended,
  untested: ({ chain }) => chain.startsWith('oooo') && chain.includes('u'),
};

/** Reads a range of ports like `2200-2219`, the filter that a cell of the port capacity sets. */
function readRange(needle: string): PortRange | null {
  const [, first, last] = /^(\d{4})-(\d{4})$/u.exec(needle) ?? [];
  return first === undefined || last === undefined ? null : { first: Number(first), last: Number(last) };
}

/** The tunnels in a range of ports, and all rows of tenants that have ports there without a tunnel. */
function inRange(rows: readonly PortRow[], range: PortRange): (row: PortRow) => boolean {
  const isInside = ({ port }: PortRow): boolean => port !== null && hasPort([range], port);
  const withTunnel = new Set(rows.filter(isInside).map(tenantKeyOf));
  return (row) =>
    isInside(row) ||
    (!withTunnel.has(tenantKeyOf(row)) &&
      row.allotted.some(({ first, last }) => first <= range.last && last >= range.first));
}

function hasText(row: PortRow, needle: string): boolean {
  return (
    row.clientId.includes(needle) ||
    row.applianceName.includes(needle) ||
    String(row.port ?? '').includes(needle) ||
    `${row.destination ?? ''} ${row.group ?? ''} ${row.repository ?? ''} ${row.word} ${row.code} ${row.peer ?? ''} ${row.connectVersion ?? ''}`
      .toLowerCase()
      .includes(needle)
  );
}

/** The rows that match the filter chip and every typed word. */
export function filterRows({
  rows,
  filter,
  text,
}: {
  rows: readonly PortRow[];
  filter: TenantFilter;
  text: string;
}): readonly PortRow[] {
  const needles = text.toLowerCase().split(/\s+/u).filter(Boolean);
  if (filter === 'all' && needles.length === 0) return rows;
  const tests = needles.map((needle) => {
    const range = readRange(needle);
    return range === null ? (row: PortRow) => hasText(row, needle) : inRange(rows, range);
  });
  return rows.filter((row) => belongs[filter](row) && tests.every((isMatch) => isMatch(row)));
}

/** The number of rows that each filter chip would show. */
export function countRows(rows: readonly PortRow[]): Record<TenantFilter, number> {
  const count = (filter: TenantFilter): number =>
    rows.reduce((sum, row) => sum + Number(belongs[filter](row)), 0);
  return {
    all: rows.length,
    attention: count('attention'),
    unknown: count('unknown'),
    suspended: count('suspended'),
    untested: count('untested'),
  };
}

/** Sorts rows by `order`. Rows that are equal in it stay sorted by appliance, tenant and port. */
export function arrangeRows(rows: readonly PortRow[], order: TenantOrder): readonly PortRow[] {
  switch (order) {
    case 'tenant':
      return rows;
    case 'attention':
      return rows.toSorted((a, b) => urgency[a.tone] - urgency[b.tone]);
    case 'destination':
      return rows.toSorted(
        (a, b) =>
          Number(a.destination === null) - Number(b.destination === null) ||
          (a.destination ?? '').localeCompare(b.destination ?? ''),
      );
  }
}

/** Text of the destination column. */
export function destinationOf(row: PortRow): { text: string; isMachine: boolean } {
  if (row.destination !== null) return { text: row.destination, isMachine: true };
  if (row.suspended) return { text: 'suspended', isMachine: false };
  if (row.port !== null) return { text: 'unknown (plain OpenSSH)', isMachine: false };
  return { text: 'no tunnel announced', isMachine: false };
}

export function formatLatency(milliseconds: number): string {
  return milliseconds < 1000
    ? `${Math.max(1, Math.round(milliseconds))} ms`
    : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** The last drop as text, with its time instead of its age, so that it can be sorted and exported. */
export function dropText(row: PortRow): string | null {
  return row.lastDrop === null ? null : `${formatLocal(row.lastDrop.at)} ${row.lastDrop.reason}`;
}
