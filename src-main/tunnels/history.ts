import type { TunnelHistory } from '../../src-shared/contract/ports.ts';
import { computeAvailability, mergeIntoCells } from '../../src-shared/model/tunnels/availability.ts';
import { computeToneSpans } from '../../src-shared/model/tunnels/tunnelHistory.ts';
import type { Store } from '../store/store.ts';
import { createChangeRows } from './changeRows.ts';
import { applyChanges, latestStates, type Known, type PlacedChange } from './knownStates.ts';
import { createLatencyHistory } from './latencyHistory.ts';
import { pruneHistory } from './pruneHistory.ts';
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

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

/**
 * Stores past states of tunnels in the data folder. Several consoles may write to it. All methods throw
 * STORE_FAILED.
 */
export function createHistory(options: { store: Store; clock: () => number }) {
  const { store } = options;
  const latencies = createLatencyHistory({ store });
  const rows = createChangeRows({ store });
  const watchSpans = createWatchSpans({ store });

  /** The current state of each tunnel of an appliance. The keys are from `placeKey`. */
  const known = (applianceId: string) =>
    latestStates(rows.since(applianceId, {}, options.clock() - recentMs));

  /**
   * The current states of some tunnels, because reading all of them for every answer would take too long.
   */
  function knownOf(
    applianceId: string,
    places: readonly Pick<TunnelRef, 'clientId' | 'port'>[],
  ): Map<string, Known> {
    if (places.length > maxSinglePlaces) return known(applianceId);
    const sinceMs = options.clock() - recentMs;
    return latestStates(
      places.flatMap(({ clientId, port }) => rows.since(applianceId, { clientId, port }, sinceMs)),
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
    }): { known: Map<string, Known>; written: PlacedChange[] } =>
      store.write(() => {
        const {
          known: states,
          written,
          explained,
        } = applyChanges({
          known: knownOf(applianceId, changes),
          changes,
          observedAtMs,
        });
        for (const drop of explained) rows.unmarkDrop({ ...drop, applianceId }, drop.atMs);
        rows.insert(applianceId, written);
        return { known: states, written };
      }),

    watched: watchSpans.save,

    latencies: latencies.record,

    lastDrops: rows.lastDrops,
    dropsSince: rows.dropsSince,

    /** With `cellMs`, each span is a cell of this length with the worst state in it. */
    of: (place: TunnelRef, within: { fromMs: number; toMs: number; cellMs?: number }): TunnelHistory =>
      store.read(() => {
        const { applianceId, clientId, port } = place;
        const placeChanges = rows.since(applianceId, { clientId, port }, within.fromMs);
        const watched = watchSpans.within(applianceId, within);
        const exact = computeToneSpans({ changes: placeChanges, watched, within });
        const spans = within.cellMs === undefined ? exact : mergeIntoCells(exact, within.cellMs);
        const { watchedMs, upMs } = computeAvailability({ changes: placeChanges, watched, within });
        return {
          from: iso(within.fromMs),
          to: iso(within.toMs),
          spans: spans.map((span) => ({
            from: iso(span.fromMs),
            to: iso(span.toMs),
            tone: span.tone,
            code: span.code,
          })),
          watchedMs,
          upMs,
          latency: latencies.of(place, within.fromMs),
          drops: placeChanges
            .filter((change) => change.dropped && change.atMs >= within.fromMs)
            .map((change) => ({ at: iso(change.atMs), code: change.code, reason: change.reason })),
        };
      }),

    /** The availability of each tunnel that has history in the period. */
    availability: (
      { applianceId, ...place }: { applianceId: string } & Partial<TunnelRef>,
      within: { fromMs: number; toMs: number },
    ) =>
      store.read(() => {
        const watched = watchSpans.within(applianceId, within);
        const byPlace = Map.groupBy(rows.since(applianceId, place, within.fromMs), placeKey);
        return [...byPlace.values()].flatMap((placeChanges) => {
          const [first] = placeChanges;
          if (first === undefined) return [];
          const { outages, ...sums } = computeAvailability({ changes: placeChanges, watched, within });
          return {
            clientId: first.clientId,
            port: first.port === tenantPort ? null : first.port,
            ...sums,
            outages: outages.map(({ startMs, endMs, code, reason }) => ({
              start: iso(startMs),
              end: endMs === null ? null : iso(endMs),
              code,
              reason,
            })),
          };
        });
      }),

    prune: (nowMs: number): void => pruneHistory(store, nowMs),
  };
}
export type History = ReturnType<typeof createHistory>;
