import type { TunnelHistory } from '../../src-shared/contract/ports.ts';
import {
  availabilityOfSpan,
  computeAvailability,
  joinEqual,
  joinInCells,
  mergeMembers,
  type MemberHistory,
  type Outage,
} from '../../src-shared/model/tunnels/availability.ts';
import type { ToneSpan } from '../../src-shared/model/tunnels/tunnelHistory.ts';
import type { Store } from '../store/store.ts';
import { createChangeRows } from './changeRows.ts';
import { applyChanges, computeStates, type StoredState, type PlacedChange } from './knownStates.ts';
import { createLatencyHistory } from './latencyHistory.ts';
import { pruneHistory, removeLaterThan } from './pruneHistory.ts';
import { createWatchSpans } from './watchSpans.ts';
import { placeKey, type TunnelRef } from './tunnelRef.ts';
import { tenantPort } from './tunnelStates.ts';
import { hourMs } from '../../src-shared/base/time.ts';

/**
 * The current state of a tunnel is computed from its changes in this period and the last change before it.
 */
const recentMs = 48 * hourMs;
/** For more tunnels than this, it is faster to read the changes of all tunnels **[ours]**. */
const maxSinglePlaces = 200;

type Within = { fromMs: number; toMs: number };
/** The appliances are the members of one cluster, the first of them preferred; or a single appliance. */
type HistoryOf = { applianceIds: readonly string[]; clientId: string };

/** The drops of all members, without those at a time when another member served the tunnel. */
function dropsOf(
  members: readonly MemberHistory[],
  merged: readonly ToneSpan[],
  { fromMs }: Within,
): TunnelHistory['drops'] {
  const isServed = (atMs: number) =>
    members.length > 1 &&
    merged.some((span) => span.fromMs <= atMs && atMs < span.toMs && availabilityOfSpan(span) === 'up');
  return members
    .flatMap(({ changes }) => changes)
    .filter(({ dropped, atMs }) => dropped && atMs >= fromMs && !isServed(atMs))
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, code, reason }) => ({ at: iso(atMs), code, reason }));
}

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

const toIsoSpan = ({ fromMs, toMs, tone, code }: ToneSpan) => ({
  from: iso(fromMs),
  to: iso(toMs),
  tone,
  code,
});

const toIsoOutage = ({ startMs, endMs, seenUntilMs, code, reason }: Outage) => ({
  start: iso(startMs),
  end: endMs === null ? null : iso(endMs),
  seenUntil: iso(seenUntilMs),
  code,
  reason,
});

/**
 * Stores past states of tunnels in the data folder. Several consoles may write to it. Every method throws
 * STORE_FAILED if the database fails.
 */
export function createHistory(options: { store: Store; clock: () => number }) {
  const { store } = options;
  const latencies = createLatencyHistory({ store });
  const rows = createChangeRows({ store });
  const watchSpans = createWatchSpans({ store });

  /** The current state of each tunnel of an appliance. The keys are from `placeKey`. */
  const known = (applianceId: string) =>
    computeStates(rows.listSince(applianceId, {}, options.clock() - recentMs));

  /**
   * The current states of some tunnels, because reading all of them for every answer would take too long.
   */
  function readKnownOf(
    applianceId: string,
    places: readonly Pick<TunnelRef, 'clientId' | 'port'>[],
  ): Map<string, StoredState> {
    if (places.length > maxSinglePlaces) return known(applianceId);
    const sinceMs = options.clock() - recentMs;
    return computeStates(
      places.flatMap(({ clientId, port }) => rows.listSince(applianceId, { clientId, port }, sinceMs)),
    );
  }

  return {
    known,

    /**
     * Stores the changes that an answer shows, except those that another console has already stored. Returns
     * the states of the changed tunnels, and the stored changes.
     */
    record: ({
      applianceId,
      observedAtMs,
      changes,
    }: {
      applianceId: string;
      observedAtMs: number;
      changes: readonly Omit<PlacedChange, 'dropped'>[];
    }): { known: Map<string, StoredState>; written: PlacedChange[] } =>
      store.write(() => {
        const stored = readKnownOf(applianceId, changes);
        const applied = applyChanges({ known: stored, changes, observedAtMs });
        for (const drop of applied.explained) rows.unmarkDrop({ ...drop, applianceId }, drop.atMs);
        for (const change of applied.moved) rows.replaceState({ ...change, applianceId }, change);
        rows.insert(applianceId, applied.written);
        return { known: applied.known, written: [...applied.moved, ...applied.written] };
      }),

    saveWatchSpan: watchSpans.save,
    lastAnswerAt: watchSpans.lastAnswerAt,

    latencies: latencies.record,

    lastDrops: rows.lastDrops,
    dropsSince: rows.dropsSince,

    /**
     * The history of a tunnel on the members of a cluster, or on one appliance. With `cellMs`, equal
     * states are joined in each cell of this length.
     */
    of: (place: HistoryOf & { port: number }, within: Within & { cellMs?: number }): TunnelHistory =>
      store.read(() => {
        const { applianceIds, ...tunnel } = place;
        const members = applianceIds.map((id) => ({
          changes: rows.listSince(id, tunnel, within.fromMs),
          watched: watchSpans.listWithin(id, within),
        }));
        const exact = mergeMembers(members, within);
        const spans = within.cellMs === undefined ? joinEqual(exact) : joinInCells(exact, within.cellMs);
        const { watchedMs, upMs } = computeAvailability(exact);
        const latency = applianceIds.flatMap((id) =>
          latencies.of({ ...tunnel, applianceId: id }, within.fromMs),
        );
        return {
          from: iso(within.fromMs),
          to: iso(within.toMs),
          spans: spans.map(toIsoSpan),
          watchedMs,
          upMs,
          latency: latency.sort((a, b) => Date.parse(a.at) - Date.parse(b.at)),
          drops: dropsOf(members, exact, within),
        };
      }),

    /** The availability of each tunnel that has history in the period, on all these appliances together. */
    availability: (
      { applianceIds, ...tenant }: Pick<HistoryOf, 'applianceIds'> & Partial<HistoryOf>,
      within: Within,
    ) =>
      store.read(() => {
        const recorded = applianceIds.flatMap((id) => {
          const watched = watchSpans.listWithin(id, within);
          return [...Map.groupBy(rows.listSince(id, tenant, within.fromMs), placeKey)].map(
            ([key, changes]) => ({ key, changes, watched }),
          );
        });
        return [...Map.groupBy(recorded, ({ key }) => key).values()].flatMap((members) => {
          const place = members[0]?.changes[0];
          if (place === undefined) return [];
          const { outages, ...sums } = computeAvailability(mergeMembers(members, within));
          return {
            clientId: place.clientId,
            port: place.port === tenantPort ? null : place.port,
            ...sums,
            outages: outages.map(toIsoOutage),
          };
        });
      }),

    prune: (nowMs: number): void => pruneHistory(store, nowMs),
    removeLaterThan: (nowMs: number): void => removeLaterThan(store, nowMs),
  };
}
export type History = ReturnType<typeof createHistory>;
