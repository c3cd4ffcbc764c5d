import type { FoundCount, KeptSearch } from '../../../../src-shared/contract/logs.ts';
import { useConsole } from '../../../rpc/client.tsx';
import { readBars, type SpanCount, sumBars } from './bars.ts';
import { useLatest } from '../../../rpc/useLatest.ts';

/** Only for the type: nothing is counted while there is no search. */
const noSearch: KeptSearch = { query: { kind: 'all' }, applianceIds: [], from: null, to: null };

async function* keepExact(counts: AsyncIterable<FoundCount>, key: string) {
  for await (const { isDone, histogram } of counts)
    if (isDone && histogram !== null) yield { key, count: sumBars(readBars(histogram)) };
}

/**
 * How many lines a search finds in its time range, counted again when `recount` grows; null until all are counted. Nothing
 * is counted while `search` is null.
 */
export function useSpanCount({
  search,
  recount,
}: {
  search: KeptSearch | null;
  recount: number;
}): SpanCount | null {
  const { client } = useConsole();
  const key = search === null ? null : JSON.stringify(search);
  const { value } = useLatest({
    key: key === null ? null : `${key} ${recount}`,
    open: async (signal) =>
      keepExact(await client.logs.count({ search: search ?? noSearch, bars: 1 }, { signal }), key ?? ''),
  });
  // The count of an earlier range is not that of this one.
  return value !== null && value.key === key ? value.count : null;
}
