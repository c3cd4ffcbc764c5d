import { AppError } from '../../../../src-shared/errors.ts';
import type { Candidates } from './candidates.ts';
import type { LogFacets } from '../../../../src-shared/contract/logs.ts';
import { createFacetSum } from './facets.ts';
import { severitiesPerBar, type Histogram, type UnitCount, type Wanted } from './scanner.ts';
import type { Unit, Units } from './units.ts';

export type SearchProgress = {
  scannedLines: number;
  /** How many lines there are to search. */
  totalLines: number;
  hits: number;
  /** Whether everything is searched, so that `hits` is exact. */
  isDone: boolean;
  histogram: (Histogram & { counts: number[] }) | null;
  /** Null if they are not wanted. */
  facets: LogFacets | null;
};

/** Units for one thread at once: enough that messages cost little, and few enough to cancel soon. */
const unitsPerCount = 8;
const countsAtOnce = 2;

/** Divides units evenly, so that no thread waits. */
function halves(units: readonly Unit[]): Unit[][] {
  return Array.from({ length: countsAtOnce }, (_, half) =>
    units.filter((_unit, at) => at % countsAtOnce === half),
  ).filter((part) => part.length > 0);
}

/** Counts the hits of a search, with a report at least every `reportMs`. Throws CANCELLED. */
export async function* countHits(options: {
  units: Units;
  candidates: Candidates;
  count: (units: Unit[]) => Promise<UnitCount>;
  totalLines: number;
  wanted: Wanted;
  reportMs: number;
  signal: AbortSignal;
}): AsyncGenerator<SearchProgress, void, void> {
  const { units, candidates, signal } = options;
  const { histogram, hasFacets } = options.wanted;
  const facets = hasFacets ? createFacetSum() : null;
  const counts = Array.from({ length: (histogram?.bars ?? 0) * severitiesPerBar }, () => 0);
  const sum = { scannedLines: 0, hits: 0 };
  const report = (isDone: boolean): SearchProgress => ({
    ...sum,
    totalLines: options.totalLines,
    isDone,
    histogram: histogram === null ? null : { ...histogram, counts: [...counts] },
    facets: facets?.report() ?? null,
  });
  let nextReport = performance.now() + options.reportMs;
  for (;;) {
    if (signal.aborted) throw new AppError('CANCELLED', 'The search was cancelled.');
    const taken: Unit[] = [];
    while (taken.length < unitsPerCount * countsAtOnce && performance.now() < nextReport) {
      const unit = units.take();
      if (unit === undefined) break;
      if (unit.kind === 'tail' || candidates.canHaveHits(unit.row)) taken.push(unit);
      else sum.scannedLines += unit.row.n;
    }
    for (const count of await Promise.all(halves(taken).map(options.count))) {
      sum.scannedLines += count.lines;
      sum.hits += count.hits;
      if (count.facets !== null) facets?.add(count.facets);
      for (const [at, bar] of count.bars.entries()) counts[at] = (counts[at] ?? 0) + bar;
    }
    if (units.peek() === undefined) break;
    if (performance.now() < nextReport) continue;
    yield report(false);
    nextReport = performance.now() + options.reportMs;
  }
  yield report(true);
}
