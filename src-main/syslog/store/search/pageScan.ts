import { createHeap } from '../../../../src-shared/base/heap.ts';
import { AppError } from '../../../../src-shared/errors.ts';
import type { Candidates } from './candidates.ts';
import type { FoundLine } from './foundLine.ts';
import type { UnitPage } from './scanner.ts';
import { type LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';
import { compareKeys, type SearchOrder } from './searchSpec.ts';
import type { Unit, Units } from './units.ts';

export type LinePage = {
  lines: FoundLine[];
  /** The key of the last line so far: the next page starts after it. Null before the first line. */
  cursor: LineKey | null;
  /** Whether there are no more lines. Otherwise a page may be short because its time was over. */
  isDone: boolean;
  /** All lines up to this sort time are searched, epoch milliseconds; null if all are. */
  scannedTo: number | null;
};

/** Units that are searched at once: one for each thread, and one more so that none waits. */
const maxUnitsAtOnce = 3;

/**
 * The hits of a search in exact order, page by page. It remembers what it found and did not return yet, so that each page
 * makes progress however many sources overlap.
 */
export function createPageScan(options: {
  order: SearchOrder;
  units: Units;
  candidates: Candidates;
  scan: (unit: Unit, limit: number) => Promise<UnitPage>;
  cursor: LineKey | null;
  signal: AbortSignal;
}) {
  const { order, units, candidates, signal } = options;
  const found = createHeap<FoundLine>((left, right) => compareKeys(order, left.key, right.key));
  let { cursor } = options;

  /** The next units that can have hits. Stops at the deadline, because most may have none. */
  function takeUnits(deadline: number): Unit[] {
    const taken: Unit[] = [];
    while (taken.length < maxUnitsAtOnce && performance.now() < deadline) {
      const unit = units.take();
      if (unit === undefined) break;
      if (unit.kind === 'tail' || candidates.canHaveHits(unit.row)) taken.push(unit);
    }
    return taken;
  }
  async function searchUnits(taken: readonly Unit[], limit: number): Promise<void> {
    await Promise.all(
      taken.map(async (unit) => {
        const { lines, hasMore } = await options.scan(unit, limit);
        for (const line of lines) found.push(line);
        const last = lines.at(-1);
        if (hasMore && last !== undefined) units.push({ ...unit, bound: last.key, after: last.key });
      }),
    );
  }
  /** Moves lines that no unit can come before. */
  function moveLines(lines: FoundLine[], limit: number): void {
    while (lines.length < limit) {
      const next = found.peek();
      const bound = units.peek()?.bound;
      if (next === undefined || (bound !== undefined && compareKeys(order, next.key, bound) > 0)) return;
      found.pop();
      lines.push(next);
    }
  }

  return {
    cursor: () => cursor,
    /** The next lines. Answers when the time is over, with what it has. Rejects with CANCELLED. */
    next: async (limit: number, budgetMs: number): Promise<LinePage> => {
      const deadline = performance.now() + budgetMs;
      const lines: FoundLine[] = [];
      for (;;) {
        if (signal.aborted) throw new AppError('CANCELLED', 'The search was cancelled.');
        moveLines(lines, limit);
        if (lines.length >= limit || units.peek() === undefined) break;
        if (performance.now() >= deadline) break;
        await searchUnits(takeUnits(deadline), limit);
      }
      cursor = lines.at(-1)?.key ?? cursor;
      const bound = units.peek()?.bound;
      return {
        lines,
        cursor,
        isDone: bound === undefined && found.size() === 0,
        scannedTo: bound?.sort ?? null,
      };
    },
  };
}
