import { setTimeout as delay } from 'node:timers/promises';
import type { PortRow } from '../../../../src-shared/contract/ports.ts';
import type { Services } from '../../../services.ts';
import { shown, type Output } from '../output.ts';
import { stopSignal } from '../stopSignal.ts';
import { portTable } from './portTable.ts';
import { secondMs } from '../../../../src-shared/base/time.ts';

/** Verdicts change by time alone, too. */
const lookAgainMs = 5 * secondMs;
/** Answers come in threes; one drawing shows them all. */
const settleMs = 300;

const keyOf = (row: PortRow) => `${row.applianceId} ${row.clientId} ${row.port ?? ''}`;
/** Without what each answer renews. */
const substance = (row: PortRow) =>
  JSON.stringify({ ...row, observedAt: null, lastSeenAt: null, lastDrop: null });
/** What a line for people says. */
const verdict = (row: PortRow) => `${row.code} ${row.word}`;

export type PortChanges = { rows: PortRow[]; gone: PortRow[] };

/** Another console may have written down a drop before this one's own answer shows it: the row comes with that answer. */
function isDropNew(old: PortRow, row: PortRow): boolean {
  if (JSON.stringify(old.lastDrop) === JSON.stringify(row.lastDrop)) return false;
  const isAhead = row.lastDrop !== null && row.observedAt !== null && row.lastDrop.at > row.observedAt;
  return !isAhead;
}

/** What is new since the rows of before; for people only what a line shows. Pure. */
export function changedRows(
  before: readonly PortRow[],
  now: readonly PortRow[],
  reader: 'people' | 'program' = 'program',
): PortChanges {
  const isNew = (old: PortRow, row: PortRow) =>
    reader === 'people'
      ? verdict(old) !== verdict(row)
      : substance(old) !== substance(row) || isDropNew(old, row);
  const known = new Map(before.map((row) => [keyOf(row), row]));
  const rows = now.filter((row) => {
    const old = known.get(keyOf(row));
    known.delete(keyOf(row));
    return old === undefined || isNew(old, row);
  });
  return { rows, gone: [...known.values()] };
}

function rowLine(row: PortRow): string {
  return shown(
    `${new Date().toISOString()} ${row.applianceName} ${row.clientId} ${row.port ?? '–'} ${row.code} ${row.word}`,
  );
}

/** Clears and draws anew on a terminal, as much as fits; elsewhere a line for each row that changed. */
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
    output.line({ event: 'gone', row }, () => `${rowLine(row)}: not listed any more`);
}

/** Goes on until the process is told to stop; keeps the links up and counts as watching meanwhile. */
export async function watchPorts(
  services: Services,
  given: { applianceIds: readonly string[] | 'all'; list: () => PortRow[]; output: Output },
): Promise<void> {
  const { signal } = stopSignal({ needsReader: true });
  let resolveWait: (() => void) | null = null;
  const wake = () => resolveWait?.();
  const releases = [
    services.links.hold(given.applianceIds),
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
      const rows = given.list();
      const isDrawn = !given.output.json && process.stdout.isTTY;
      const changes = changedRows(before, rows, given.output.json || isDrawn ? 'program' : 'people');
      if (before.length === 0 || changes.rows.length > 0 || changes.gone.length > 0)
        draw(given.output, rows, changes);
      before = rows;
      const until = new AbortController();
      await Promise.race([changed, delay(lookAgainMs, undefined, { signal: until.signal }).catch(() => {})]);
      until.abort();
      await delay(settleMs, undefined, { signal }).catch(() => {});
    }
  } finally {
    for (const release of releases) release();
  }
}
