import { randomUUID } from 'node:crypto';
import { AppError } from '../../../../src-shared/errors.ts';
import { createKeyedQueue } from '../../../../src-shared/base/keyedQueue.ts';
import type { LogDatabase } from '../database.ts';
import { createBlockReader, type SourceEnd } from '../read/blockReader.ts';
import { createCandidates, type Candidates } from './candidates.ts';
import { countHits, type SearchProgress } from './countScan.ts';
import { createPageScan, type LinePage } from './pageScan.ts';
import type { ScanPool } from './scanPool.ts';
import type { FoundLine } from './foundLine.ts';
import { keptRange } from './keptRange.ts';
import { createScanner, type Histogram } from './scanner.ts';
import { type LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';
import { compareKeys, readSearchSpec, type SearchRequest, type SearchSpec } from './searchSpec.ts';
import { createUnits } from './units.ts';

/** A page answers after this time with what it has **[ours]**. */
const pageBudgetMs = 50;
export const maxPageLines = 1000;
/** Searches that are open at once. The least recently opened one is cancelled for another **[ours]**. */
const maxSearches = 64;

type Search = {
  spec: SearchSpec;
  ends: ReadonlyMap<number, SourceEnd>;
  candidates: Candidates;
  cancelling: AbortController;
  page: ReturnType<typeof createPageScan> | null;
};

/** Sources whose lines a search may find. */
function selectEnds(
  all: readonly SourceEnd[],
  { applianceIds, sources }: SearchSpec,
): Map<number, SourceEnd> {
  return new Map(
    all
      .filter(({ appliance }) => applianceIds === null || applianceIds.includes(appliance))
      .filter(({ source }) => sources === null || sources.includes(source))
      .map((end) => [end.source, end]),
  );
}

/** Searches the kept lines. `pool` scans blocks; `database` is read for what chooses them. */
export function createSearches({ sqlite, hashKey }: LogDatabase, pool: ScanPool) {
  const reader = createBlockReader(sqlite);
  const searches = new Map<string, Search>();
  const queue = createKeyedQueue();

  function searchOf(id: string): Search {
    const search = searches.get(id);
    if (search === undefined) throw new AppError('NOT_FOUND', 'The search has ended.');
    return search;
  }
  function unitsOf({ spec, ends }: Search, cursor: LineKey | null) {
    return createUnits({ reader, order: spec.order, ends, from: spec.from, to: spec.to, cursor });
  }
  function cancel(id: string): void {
    searches.get(id)?.cancelling.abort();
    searches.delete(id);
    pool.close(id);
  }
  /** The time range of a histogram: of the search, or of all lines that it may find. */
  function rangeOf({ spec, ends }: Search): { from: number; to: number } {
    const kept = keptRange(reader, [...ends.values()]) ?? { from: 0, to: 0 };
    return { from: Math.max(spec.from, kept.from), to: Math.min(spec.to, kept.to) };
  }

  return {
    /**
     * Starts a search of the lines that are kept now. Later ones don't belong to it. Throws INVALID_INPUT for a query that
     * the store can't search.
     */
    open: (request: SearchRequest): { id: string } => {
      const spec = readSearchSpec(request);
      // Compiled here too, so that a wrong query fails at once.
      createScanner(reader, spec, hashKey);
      const id = randomUUID();
      for (const oldest of searches.keys()) {
        if (searches.size < maxSearches) break;
        cancel(oldest);
      }
      pool.open(id, spec);
      searches.set(id, {
        spec,
        ends: selectEnds(reader.sourceEnds(), spec),
        candidates: createCandidates(reader, spec.query, hashKey),
        cancelling: new AbortController(),
        page: null,
      });
      return { id };
    },
    /** The lines after `cursor` in the order of the search. Rejects with CANCELLED or NOT_FOUND after its end. */
    page: ({ id, cursor, limit }: { id: string; cursor: LineKey | null; limit: number }): Promise<LinePage> =>
      queue.take(id, async () => {
        const search = searchOf(id);
        const { spec, candidates, cancelling, page } = search;
        const reached = page?.cursor() ?? null;
        const continues =
          page !== null &&
          (reached === null || cursor === null
            ? reached === cursor
            : compareKeys(spec.order, reached, cursor) === 0);
        const scan = continues
          ? page
          : createPageScan({
              order: spec.order,
              units: unitsOf(search, cursor),
              candidates,
              scan: (unit, wanted) => pool.page(id, unit, wanted),
              cursor,
              signal: cancelling.signal,
            });
        search.page = scan;
        try {
          return await scan.next(Math.min(limit, maxPageLines), pageBudgetMs);
        } catch (thrown) {
          // What was found before the failure is not complete.
          search.page = null;
          throw thrown;
        }
      }),
    /** Counts all hits, with `bars` of a histogram by sort time and severity if it is not 0, and by value for facets. */
    progress: ({
      id,
      bars,
      reportMs,
      hasFacets = false,
    }: {
      id: string;
      bars: number;
      reportMs: number;
      hasFacets?: boolean | undefined;
    }): AsyncGenerator<SearchProgress, void, void> => {
      const search = searchOf(id);
      const histogram: Histogram | null = bars === 0 ? null : { ...rangeOf(search), bars };
      const wanted = { histogram, hasFacets };
      return countHits({
        units: unitsOf(search, null),
        candidates: search.candidates,
        count: (units) => pool.count(id, units, wanted),
        totalLines: reader.countLines([...search.ends.values()]),
        wanted,
        reportMs,
        signal: search.cancelling.signal,
      });
    },
    /** The lines around a line of a source, whatever the query. */
    context: (at: { source: number; line: number; before: number; after: number }): FoundLine[] => {
      const all = readSearchSpec({ query: { kind: 'all' }, order: 'oldest' });
      return createScanner(reader, all, hashKey).range(at.source, {
        from: at.line - Math.min(at.before, maxPageLines),
        to: at.line + Math.min(at.after, maxPageLines) + 1,
      });
    },
    gaps: (applianceIds: readonly string[]) => reader.gaps(applianceIds),
    /** The newest line that was removed because the store keeps no more, by its sort time; null if none was. */
    removedUntil: (id: string): number | null => {
      const times = [...searchOf(id).ends.values()].map(
        ({ prunedSort }) => prunedSort ?? Number.NEGATIVE_INFINITY,
      );
      const latest = Math.max(Number.NEGATIVE_INFINITY, ...times);
      return Number.isFinite(latest) ? latest : null;
    },
    cancel,
    close: (): void => {
      for (const id of searches.keys()) cancel(id);
    },
  };
}

export type Searches = ReturnType<typeof createSearches>;
