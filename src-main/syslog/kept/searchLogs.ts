import type { LogQuery } from '../../../src-shared/model/syslog/query/logQuery.ts';
import type { FoundLine } from '../store/search/foundLine.ts';
import type { LogEngine } from '../store/process/engine.ts';
import type { LineKey } from '../../../src-shared/model/syslog/keptLine.ts';
import type { SearchOrder } from '../store/search/searchSpec.ts';

/** Lines that are asked for at once. */
const pageLines = 500;

export type LogSearch = {
  query: LogQuery;
  /** Names by appliance, as the query has them. Only the logs of these appliances are searched. */
  appliances: Readonly<Record<string, string>>;
  /** Bounds of the time by the console's clock, both included, epoch milliseconds. */
  from?: number | null;
  to?: number | null;
  order: SearchOrder;
  limit: number;
};

/** Yields the found lines in the order of the search. Throws INVALID_INPUT for a query that the store can't search. */
export async function* searchLogs(
  engine: Pick<LogEngine, 'openSearch' | 'searchPage' | 'cancelSearch'>,
  { query, appliances, from = null, to = null, order, limit }: LogSearch,
): AsyncGenerator<FoundLine, void, void> {
  const { id } = await engine.openSearch({
    query,
    order,
    applianceIds: Object.keys(appliances),
    applianceNames: appliances,
    from,
    to,
  });
  try {
    let cursor: LineKey | null = null;
    for (let left = limit; left > 0;) {
      const page = await engine.searchPage({ id, cursor, limit: Math.min(left, pageLines) });
      yield* page.lines;
      left -= page.lines.length;
      if (page.isDone) return;
      ({ cursor } = page);
    }
  } finally {
    await engine.cancelSearch({ id });
  }
}

/** How many kept lines match. */
export async function countLogs(
  engine: Pick<LogEngine, 'openSearch' | 'searchProgress' | 'cancelSearch'>,
  { query, appliances, from = null, to = null }: Pick<LogSearch, 'query' | 'appliances' | 'from' | 'to'>,
): Promise<number> {
  const { id } = await engine.openSearch({
    query,
    applianceIds: Object.keys(appliances),
    applianceNames: appliances,
    from,
    to,
  });
  try {
    let hits = 0;
    for await (const progress of engine.searchProgress({ id, bars: 0, reportMs: 1000 }))
      ({ hits } = progress);
    return hits;
  } finally {
    await engine.cancelSearch({ id });
  }
}
