import { setTimeout as delay } from 'node:timers/promises';
import type { PortRow } from '../../../../src-shared/contract/ports.ts';
import type { Services } from '../../../services.ts';
import { formatValue, type Output } from '../output.ts';
import { stopSignal } from '../stopSignal.ts';
import { portTable } from './portTable.ts';
import { secondMs } from '../../../../src-shared/base/time.ts';

/** Redraws at this interval, because diagnoses also change without a new answer. */
const redrawEveryMs = 5 * secondMs;
/** Waits this long before a redraw, so that the three answers of a poll cause only one. */
const redrawDelayMs = 300;

const keyOf = (row: PortRow) => `${row.applianceId} ${row.clientId} ${row.port ?? ''}`;
/**
 * A row as JSON, without the fields that change with every answer. Two rows with the same text are equal.
 */
const comparableText = (row: PortRow) =>
  JSON.stringify({ ...row, observedAt: null, lastSeenAt: null, lastDrop: null });
/** The part of a row that the text output shows. */
const shownState = (row: PortRow) => `${row.code} ${row.word}`;

export type PortChanges = { rows: PortRow[]; gone: PortRow[] };

/**
 * Whether `row` has a new drop to print. Another console may store a drop before this console's answer shows
 * it; then the drop is printed with that answer.
 */
function hasNewDrop(old: PortRow, row: PortRow): boolean {
  if (JSON.stringify(old.lastDrop) === JSON.stringify(row.lastDrop)) return false;
  const isAhead = row.lastDrop !== null && row.observedAt !== null && row.lastDrop.at > row.observedAt;
  return !isAhead;
}

/**
 * Returns the rows that changed and the rows that are gone. For the reader `people`, ignores changes that the
 * text output does not show. Pure.
 */
export function changedRows(
  before: readonly PortRow[],
  now: readonly PortRow[],
  reader: 'people' | 'program' = 'program',
): PortChanges {
  const isNew = (old: PortRow, row: PortRow) =>
    reader === 'people'
      ? shownState(old) !== shownState(row)
      : comparableText(old) !== comparableText(row) || hasNewDrop(old, row);
  const known = new Map(before.map((row) => [keyOf(row), row]));
  const rows = now.filter((row) => {
    const old = known.get(keyOf(row));
    known.delete(keyOf(row));
    return old === undefined || isNew(old, row);
  });
  return { rows, gone: [...known.values()] };
}

function rowLine(row: PortRow): string {
  return formatValue(
    `${new Date().toISOString()} ${row.applianceName} ${row.clientId} ${row.port ?? '–'} ${row.code} ${row.word}`,
  );
}

/**
 * Redraws the screen on a terminal, with as many rows as fit. Otherwise prints a line for each changed row.
 */
function draw(output: Output, rows: readonly PortRow[], changes: PortChanges): void {
  if (!output.json && process.stdout.isTTY) {
    const lines = (portTable(rows) || 'No tenants.').split('\n');
    const most = Math.max(2, process.stdout.rows - 2);
    const rest = lines.length > most ? [`… and ${lines.length - most} more`] : [];
    process.stdout.write(`\u001b[H\u001b[2J${[...lines.slice(0, most), ...rest].join('\n')}\n`);
    return;
  }
  for (const row of changes.rows) output.line({ event: 'row', row }, () => rowLine(row));
  for (const row of changes.gone)
    output.line({ event: 'gone', row }, () => `${rowLine(row)}: no longer listed`);
}

/**
 * Prints changes until a stop signal. Keeps the connections up and records the tunnels' history in the
 * meantime.
 */
export async function watchPorts(
  services: Services,
  request: { applianceIds: readonly string[] | 'all'; list: () => PortRow[]; output: Output },
): Promise<void> {
  const { signal } = stopSignal({ needsReader: true });
  let resolveWait: (() => void) | null = null;
  const wake = () => resolveWait?.();
  const releases = [
    services.fleet.follow(request.applianceIds),
    services.ports.hold(),
    services.fleet.onObserved(wake),
    services.links.onChange(wake),
    services.ports.onChange(wake),
  ];
  signal.addEventListener('abort', wake);
  try {
    let before: PortRow[] = [];
    while (!signal.aborted) {
      const changed = new Promise<void>((resolve) => (resolveWait = resolve));
      const rows = request.list();
      const isDrawn = !request.output.json && process.stdout.isTTY;
      const changes = changedRows(before, rows, request.output.json || isDrawn ? 'program' : 'people');
      if (before.length === 0 || changes.rows.length > 0 || changes.gone.length > 0)
        draw(request.output, rows, changes);
      before = rows;
      const until = new AbortController();
      await Promise.race([
        changed,
        delay(redrawEveryMs, undefined, { signal: until.signal }).catch(() => {}),
      ]);
      until.abort();
      await delay(redrawDelayMs, undefined, { signal }).catch(() => {});
    }
  } finally {
    for (const release of releases) release();
  }
}
