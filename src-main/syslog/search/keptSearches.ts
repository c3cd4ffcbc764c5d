import type { RegisteredKey } from '../../../src-shared/model/syslog/explain/explainRule.ts';
import type { FacetReport, FoundCount, FoundLines, KeptSearch } from '../../../src-shared/contract/logs.ts';
import type { KeptGap, KeptLine, LineAddress, LineKey } from '../../../src-shared/model/syslog/keptLine.ts';
import type { KnownTenant } from '../../../src-shared/model/syslog/tenantJoin/namedInLine.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { LogEngine } from '../store/process/engine.ts';
import type { SearchRequest } from '../store/search/searchSpec.ts';
import type { FoundLine } from '../store/search/foundLine.ts';
import { expandQuery, hasTenantTest, type SearchedAppliance } from './expandQuery.ts';
import { readKeptGaps, readKeptLine } from './keptRows.ts';
import { findTenantsOf } from './tenantsOfLine.ts';
import { loginQuery, readSessions, type KeySession } from './sessionsOfKeys.ts';

/** Logins of an appliance that are read to know its sessions; of more, the newest **[ours]**. */
const maxLogins = 2000;
const pageLines = 500;
/** Text of one batch; further lines come in the next one. */
const maxBatchText = 2 * 2 ** 20;
/** The sessions of an appliance are read again after this time: a log that is being read has more of them each second. */
const sessionsAgeMs = secondMs;
const reportMs = 200;

export type LinesRequest = {
  search: KeptSearch;
  direction: 'older' | 'newer';
  after: LineKey | null;
  limit: number;
};

/** The start of `lines` that fits into a batch, at least one line. */
function cutBatch(lines: readonly FoundLine[]): FoundLine[] {
  let size = 0;
  const end = lines.findIndex(({ text }, index) => (size += text.length) > maxBatchText && index > 0);
  return end === -1 ? [...lines] : lines.slice(0, end);
}

/** Never rejects: an engine that has stopped has no search, and its reader gets the error that ended it. */
const cancel = (engine: LogEngine, id: string): Promise<void> =>
  engine.cancelSearch({ id }).then(
    () => undefined,
    () => undefined,
  );

/** Opens a search that is cancelled when its reader leaves. */
async function openSearch(engine: LogEngine, request: SearchRequest) {
  const { id } = await engine.openSearch(request);
  return { id, [Symbol.asyncDispose]: () => cancel(engine, id) };
}

/** Remembers the sessions of appliances for a few seconds, because each letter of a query asks for them. */
function createSessionReader(engine: () => LogEngine, clock: () => number) {
  const known = new Map<string, { at: number; sessions: Promise<KeySession[]> }>();

  async function read(applianceId: string): Promise<KeySession[]> {
    await using search = await openSearch(engine(), { query: loginQuery, applianceIds: [applianceId] });
    const found: FoundLine[] = [];
    let cursor: LineKey | null = null;
    while (found.length < maxLogins) {
      const page = await engine().searchPage({ id: search.id, cursor, limit: pageLines });
      found.push(...page.lines);
      if (page.isDone) break;
      ({ cursor } = page);
    }
    return readSessions(found.toReversed());
  }
  return (applianceId: string): Promise<KeySession[]> => {
    const before = known.get(applianceId);
    if (before !== undefined && clock() - before.at < sessionsAgeMs) return before.sessions;
    const sessions = read(applianceId);
    known.set(applianceId, { at: clock(), sessions });
    sessions.catch(() => known.delete(applianceId));
    return sessions;
  };
}

/** `validFingerprints`: those of the keys that may log in now. `fingerprints` has replaced keys, too. */
type SearchedTenant = KnownTenant & { validFingerprints: readonly string[] };

/** Searches the kept logs for the page: by appliances of the inventory, their tenants and ports. */
export function createKeptSearches(options: {
  engine: () => LogEngine;
  inventory: Pick<Inventory, 'get'>;
  tenantsOf: (applianceId: string) => readonly SearchedTenant[];
  clock: () => number;
}) {
  const { engine, inventory } = options;
  const sessionsOf = createSessionReader(engine, options.clock);

  async function resolve({ query, applianceIds, from, to }: KeptSearch) {
    const entries = applianceIds.map((id) => inventory.get(id));
    const needsSessions = hasTenantTest(query);
    const appliances = await Promise.all(
      entries.map(async ({ id, name }): Promise<SearchedAppliance> => ({
        name,
        tenants: options.tenantsOf(id),
        sessions: needsSessions ? await sessionsOf(id) : [],
      })),
    );
    return {
      query: expandQuery(query, appliances),
      applianceIds,
      applianceNames: Object.fromEntries(entries.map(({ id, name }) => [id, name])),
      from,
      to,
    } satisfies SearchRequest;
  }

  return {
    /** What the engine is asked for a search of the page: with the lines of tenants, and the names of appliances. */
    resolve,
    /** Yields lines as they are found, until `limit` or the end. Throws NOT_FOUND, INVALID_INPUT or STORE_FAILED. */
    lines: async function* lines(
      { search, direction, after, limit }: LinesRequest,
      signal: AbortSignal,
    ): AsyncGenerator<FoundLines, void, void> {
      const order = direction === 'older' ? 'newest' : 'oldest';
      await using opened = await openSearch(engine(), { ...(await resolve(search)), order });
      let cursor = after;
      for (let left = limit; left > 0 && !signal.aborted;) {
        const page = await engine().searchPage({
          id: opened.id,
          cursor,
          limit: Math.min(left, pageLines),
        });
        const batch = cutBatch(page.lines);
        const isWhole = batch.length === page.lines.length;
        left -= batch.length;
        cursor = isWhole ? page.cursor : (batch.at(-1)?.key ?? cursor);
        const isDone = page.isDone && isWhole;
        // While the open lines are not read, no time is known up to which all lines are searched.
        const known = Number.isFinite(page.scannedTo) ? page.scannedTo : (batch.at(-1)?.key.sort ?? null);
        if (!isDone && known === null) continue;
        yield { lines: batch.map(readKeptLine), isDone, scannedTo: isDone ? null : known };
        if (isDone) return;
      }
    },
    /** Yields how many lines are found so far. The last report is exact. Throws as `lines`. */
    count: async function* count(
      search: KeptSearch,
      bars: number,
      signal: AbortSignal,
    ): AsyncGenerator<FoundCount, void, void> {
      await using opened = await openSearch(engine(), await resolve(search));
      const { id } = opened;
      signal.addEventListener('abort', () => void cancel(engine(), id), { once: true });
      yield* engine().searchProgress({ id, bars, reportMs });
    },
    /** Yields how many found lines have which value. The last report is exact. Throws as `lines`. */
    facets: async function* facets(
      search: KeptSearch,
      signal: AbortSignal,
    ): AsyncGenerator<FacetReport, void, void> {
      await using opened = await openSearch(engine(), await resolve(search));
      const { id } = opened;
      signal.addEventListener('abort', () => void cancel(engine(), id), { once: true });
      for await (const report of engine().searchProgress({ id, bars: 0, reportMs, hasFacets: true }))
        if (report.facets !== null) yield { ...report, facets: report.facets };
    },
    /** The line with this address; null if it is not kept any more. */
    line: async ({ source, line }: LineAddress): Promise<KeptLine | null> => {
      const [found] = await engine().searchContext({ source, line, before: 0, after: 0 });
      return found === undefined ? null : readKeptLine(found);
    },
    /** The tenants of a line, with their keys; empty if there is none, or no such line. */
    tenantsOf: async ({
      source,
      line,
    }: LineAddress): Promise<{ clientIds: string[]; keys: RegisteredKey[] }> => {
      const [found] = await engine().searchContext({ source, line, before: 0, after: 0 });
      if (found === undefined) return { clientIds: [], keys: [] };
      const sessions = await sessionsOf(found.applianceId);
      const tenants = options.tenantsOf(found.applianceId);
      const clientIds = findTenantsOf(found, tenants, sessions);
      const keys = tenants
        .filter(({ clientId }) => clientIds.includes(clientId))
        .flatMap(({ clientId, validFingerprints }) =>
          validFingerprints.map((fingerprint) => ({ clientId, fingerprint })),
        );
      return { clientIds, keys };
    },
    /** Where lines are missing, oldest first. */
    gaps: (applianceIds: readonly string[]): Promise<KeptGap[]> => readKeptGaps(engine(), applianceIds),
  };
}

export type KeptSearches = ReturnType<typeof createKeptSearches>;
