import { isOrderKnown } from '../../../../src-shared/model/syslog/applianceClock.ts';
import { compareLineAge, type KeptGap, type LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';
import { findRuns } from '../../../../src-shared/model/syslog/patterns/foldRepeats.ts';
import type { ShownLine } from './shownLine.ts';

/** A row of the list. `id` is unique and lasting. */
export type KeptRow =
  | {
      kind: 'line';
      id: string;
      shown: ShownLine;
      isFolded: boolean;
      /** Whether the line before it is surely older. */
      isOrdered: boolean;
    }
  | {
      kind: 'fold';
      id: string;
      first: ShownLine;
      last: ShownLine;
      count: number;
      pattern: string;
      isOpen: boolean;
    }
  | { kind: 'gap'; id: string; gap: KeptGap }
  | { kind: 'looked'; id: 'looked' }
  | { kind: 'context'; id: string; of: ShownLine };

type Mark = { key: LineKey; row: KeptRow };

/** Gaps and the mark, in order, where they stand between lines. Those outside of the loaded lines are left out. */
function listMarks(options: {
  lines: readonly ShownLine[];
  gaps: readonly KeptGap[];
  lastLooked: LineKey | null;
  hasOlder: boolean;
  hasNewer: boolean;
}): Mark[] {
  const { lines, lastLooked, hasOlder, hasNewer } = options;
  const [first, last] = [lines[0]?.kept.key, lines.at(-1)?.kept.key];
  if (first === undefined || last === undefined) return [];
  const isInside = (key: LineKey) =>
    (!hasOlder || compareLineAge(first, key) <= 0) && (!hasNewer || compareLineAge(key, last) <= 0);
  const marks: Mark[] = options.gaps
    .filter(({ key }) => isInside(key))
    .map((gap) => ({ key: gap.key, row: { kind: 'gap', id: `gap ${gap.applianceId} ${gap.id}`, gap } }));
  const isBetween =
    lastLooked !== null && compareLineAge(first, lastLooked) <= 0 && compareLineAge(lastLooked, last) < 0;
  // Behind the line itself.
  if (isBetween)
    marks.push({
      key: { ...lastLooked, line: lastLooked.line + 0.25 },
      row: { kind: 'looked', id: 'looked' },
    });
  return marks.sort((a, b) => compareLineAge(a.key, b.key));
}

function toRows(lines: readonly ShownLine[], from: number, to: number, isFolded: boolean): KeptRow[] {
  return lines.slice(from, to).map((shown, index) => {
    const before = lines[from + index - 1];
    const isOrdered = before === undefined || isOrderKnown(before.kept, shown.kept);
    return { kind: 'line', id: shown.id, shown, isFolded, isOrdered };
  });
}

/** Lines between marks: folding never crosses one. */
function foldLines(
  lines: readonly ShownLine[],
  isFolding: boolean,
  openFolds: ReadonlySet<string>,
): KeptRow[] {
  if (!isFolding) return toRows(lines, 0, lines.length, false);
  const rows: KeptRow[] = [];
  let at = 0;
  for (const { from, to, count, pattern } of findRuns(lines.map(({ line }) => line))) {
    rows.push(...toRows(lines, at, from, false));
    const [first, last] = [lines[from], lines[to]];
    if (first === undefined || last === undefined) break;
    const id = `fold ${first.id}`;
    const isOpen = openFolds.has(id);
    rows.push({ kind: 'fold', id, first, last, count, pattern, isOpen });
    if (isOpen) rows.push(...toRows(lines, from, to + 1, true));
    at = to + 1;
  }
  return [...rows, ...toRows(lines, at, lines.length, false)];
}

/** The rows of the list: lines, folded repeats, gaps, the mark of the last look, and the open context of a line. */
export function buildRows(options: {
  lines: readonly ShownLine[];
  gaps: readonly KeptGap[];
  lastLooked: LineKey | null;
  hasOlder: boolean;
  hasNewer: boolean;
  isFolding: boolean;
  openFolds: ReadonlySet<string>;
  contextOf: string | null;
}): KeptRow[] {
  const { lines, isFolding, openFolds, contextOf } = options;
  const rows: KeptRow[] = [];
  let at = 0;
  for (const { key, row } of listMarks(options)) {
    let end = at;
    while (end < lines.length && compareLineAge(lines[end]?.kept.key ?? key, key) < 0) end += 1;
    rows.push(...foldLines(lines.slice(at, end), isFolding, openFolds), row);
    at = end;
  }
  rows.push(...foldLines(lines.slice(at), isFolding, openFolds));
  if (contextOf === null) return rows;
  return rows.flatMap((row) =>
    row.kind === 'line' && row.id === contextOf
      ? [row, { kind: 'context', id: `context ${row.id}`, of: row.shown } as const]
      : [row],
  );
}

/** The closed repeats that hide a line; null if none do. */
export function foldOf(rows: readonly KeptRow[], lines: readonly ShownLine[], id: string): string | null {
  const key = lines.find((shown) => shown.id === id)?.kept.key;
  if (key === undefined) return null;
  const fold = rows.find(
    (row) =>
      row.kind === 'fold' &&
      compareLineAge(row.first.kept.key, key) <= 0 &&
      compareLineAge(key, row.last.kept.key) <= 0,
  );
  return fold?.id ?? null;
}
