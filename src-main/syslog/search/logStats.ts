import type { KeptSearch, LogFacets, LogHistogram } from '../../../src-shared/contract/logs.ts';
import type { KeptGap } from '../../../src-shared/model/syslog/keptLine.ts';
import type { LogQuery } from '../../../src-shared/model/syslog/query/logQuery.ts';
import { severities, type Severity } from '../../../src-shared/model/syslog/syslogLine.ts';
import { hourMs, secondMs } from '../../../src-shared/base/time.ts';
import { countLogs } from '../kept/searchLogs.ts';
import type { LogEngine } from '../store/process/engine.ts';
import { severitiesPerBar } from '../store/search/scanner.ts';

/** Counting the lines of tenants starts no other count after this time **[ours]**. */
const tenantsBudgetMs = 10 * secondMs;
const maxBars = 1000;

type Span = { from: number; to: number };
type Counts = { values: { value: string; count: number }[]; others: number };

/** What is kept of an appliance, and what its lines of a time range are. Times are epoch milliseconds. */
export type LogStats = {
  kept: Awaited<ReturnType<LogEngine['readUsage']>>;
  gaps: KeptGap[];
  /** Null if no line is kept in the time range. */
  counted:
    | (Span & {
        lines: number;
        /** Of a range of less than an hour, all its lines. */
        perHour: number;
        /** The part of the range with the most lines. Parts are an hour long or shorter, of more than 1,000 hours longer. */
        busiest: Span & { lines: number };
        /** Those of which there are lines, most urgent first; null for lines without one. */
        severities: { severity: Severity | null; count: number }[];
        programs: Counts;
        /** A line may belong to several tenants, or to none. `uncounted`: how many tenants were not counted. */
        tenants: Pick<Counts, 'values'> & { uncounted: number };
      })
    | null;
};

export type StatsRequest = {
  applianceId: string;
  clientIds: readonly string[];
  from: number | null;
  to: number | null;
  /** Programs and tenants that are named, those with the most lines. */
  top: number;
};

type Searches = {
  gaps: (applianceIds: readonly string[]) => Promise<KeptGap[]>;
  /** What the engine is asked for a search, with the lines of tenants. */
  resolve: (search: KeptSearch) => Promise<{ query: LogQuery; applianceNames: Record<string, string> }>;
};

function cutCounts({ values, others }: LogFacets['program'], top: number): Counts {
  const rest = values.slice(top).reduce((sum, { count }) => sum + count, others);
  return { values: values.slice(0, top), others: rest };
}

function findBusiest({ from, to, bars, counts }: LogHistogram): Span & { lines: number } {
  const width = (to - from) / bars;
  const sums = Array.from({ length: bars }, (_, bar) =>
    counts.slice(bar * severitiesPerBar, (bar + 1) * severitiesPerBar).reduce((sum, count) => sum + count, 0),
  );
  const lines = Math.max(...sums);
  const bar = sums.indexOf(lines);
  return { from: from + bar * width, to: from + (bar + 1) * width, lines };
}

/** The time range of which lines are kept; null if there is none. */
function chosenSpan(range: Span | null, { from, to }: Pick<StatsRequest, 'from' | 'to'>): Span | null {
  if (range === null) return null;
  const span = { from: Math.max(range.from, from ?? range.from), to: Math.min(range.to, to ?? range.to) };
  return span.from > span.to ? null : span;
}

/** Counts all lines at once, by value and time. */
async function countAll(engine: LogEngine, { applianceId, from, to }: StatsRequest, bars: number) {
  const { id } = await engine.openSearch({ query: { kind: 'all' }, applianceIds: [applianceId], from, to });
  try {
    let last = null;
    for await (const { hits, histogram, facets } of engine.searchProgress({
      id,
      bars,
      reportMs: secondMs,
      hasFacets: true,
    }))
      if (histogram !== null && facets !== null) last = { hits, histogram, facets };
    return last;
  } finally {
    await engine.cancelSearch({ id });
  }
}

/** Counts the lines of tenants one after the other, because only their queries find their sessions. */
async function countTenants(
  engine: LogEngine,
  searches: Searches,
  { applianceId, clientIds, from, to, top }: StatsRequest,
  clock: () => number,
) {
  const start = clock();
  const values: Counts['values'] = [];
  let counted = 0;
  for (const clientId of clientIds) {
    if (clock() - start > tenantsBudgetMs) break;
    const { query, applianceNames } = await searches.resolve({
      query: { kind: 'field', field: 'tenant', op: '=', value: clientId },
      applianceIds: [applianceId],
      from,
      to,
    });
    values.push({
      value: clientId,
      count: await countLogs(engine, { query, appliances: applianceNames, from, to }),
    });
    counted += 1;
  }
  values.sort((a, b) => b.count - a.count || a.value.localeCompare(b.value));
  return { values: values.slice(0, top), uncounted: clientIds.length - counted };
}

/** Counts what is kept of an appliance. Counts of lines are exact. */
export async function readLogStats(
  engine: LogEngine,
  searches: Searches,
  request: StatsRequest,
  clock: () => number,
): Promise<LogStats> {
  const { applianceId, top } = request;
  const kept = await engine.readUsage({ applianceId });
  const gaps = await searches.gaps([applianceId]);
  const span = chosenSpan(kept.range, request);
  if (span === null) return { kept, gaps, counted: null };
  const hours = (span.to - span.from) / hourMs;
  const all = await countAll(engine, request, Math.min(maxBars, Math.max(1, Math.ceil(hours))));
  if (all === null || all.hits === 0) return { kept, gaps, counted: null };
  return {
    kept,
    gaps,
    counted: {
      ...span,
      lines: all.hits,
      perHour: all.hits / Math.max(hours, 1),
      busiest: findBusiest(all.histogram),
      severities: all.facets.severity
        .map((count, at) => ({ severity: severities[at] ?? null, count }))
        .filter(({ count }) => count > 0),
      programs: cutCounts(all.facets.program, top),
      tenants: await countTenants(engine, searches, request, clock),
    },
  };
}
