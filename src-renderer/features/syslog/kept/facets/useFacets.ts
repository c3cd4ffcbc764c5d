import { useMemo } from 'react';
import type { KeptSearch } from '../../../../../src-shared/contract/logs.ts';
import type { LogQuery } from '../../../../../src-shared/model/syslog/query/logQuery.ts';
import { type ConsoleClient, useConsole } from '../../../../rpc/client.tsx';
import { usePorts } from '../../../tenants/queries.ts';
import { useLatest } from '../../../../rpc/useLatest.ts';

/** Tenants that are counted, one after the other. */
const maxTenants = 50;

export type FacetValue = { value: string; count: number };

async function countHits(client: ConsoleClient, search: KeptSearch, signal: AbortSignal): Promise<number> {
  let hits = 0;
  for await (const count of await client.logs.count({ search, bars: 0 }, { signal })) ({ hits } = count);
  return hits;
}

/** Counts the lines of each tenant. A line can be of several tenants, so that the store has no column for them. */
async function* countTenants(
  client: ConsoleClient,
  search: KeptSearch,
  tenants: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<FacetValue[], void, void> {
  const found: FacetValue[] = [];
  for (const value of tenants) {
    const test = { kind: 'field', field: 'tenant', op: '=', value } as const;
    const query: LogQuery = { kind: 'and', nodes: [search.query, test] };
    const count = await countHits(client, { ...search, query }, signal);
    if (count > 0) found.push({ value, count });
    yield found.toSorted((a, b) => b.count - a.count);
  }
}

const noSearch: KeptSearch = { query: { kind: 'all' }, applianceIds: [], from: null, to: null };

/** How many of the found lines have which value. Counted again when `recount` changes. */
export function useFacets(search: KeptSearch | null, recount: number) {
  const { client } = useConsole();
  const key = search === null ? null : `${JSON.stringify(search)} ${recount}`;
  const fields = useLatest({
    key,
    open: (signal) => client.logs.facets({ search: search ?? noSearch }, { signal }),
  });
  const rows = usePorts({ applianceId: null }).data?.rows;
  const known = useMemo(
    () =>
      [
        ...new Set(
          (rows ?? [])
            .filter(({ applianceId }) => search?.applianceIds.includes(applianceId) === true)
            .map(({ clientId }) => clientId),
        ),
      ].sort((a, b) => a.localeCompare(b)),
    [rows, search],
  );
  const counted = known.slice(0, maxTenants);
  const tenants = useLatest({
    key: key === null || fields.value?.isDone !== true ? null : `${key} ${counted.join(' ')}`,
    open: (signal) => Promise.resolve(countTenants(client, search ?? noSearch, counted, signal)),
  });
  return {
    fields: fields.value,
    tenants: tenants.value ?? [],
    uncountedTenants: known.length - counted.length,
    error: fields.error ?? tenants.error,
  };
}
