import type { TunnelHistory } from '../../src-shared/contract/ports.ts';
import { availabilityWithin, coarseSpans } from '../../src-shared/model/tunnels/availability.ts';
import { staleAfterMs } from '../../src-shared/model/tunnels/observedLayers.ts';
import { availabilityOf, toneSpans } from '../../src-shared/model/tunnels/tunnelHistory.ts';
import type { Store } from '../store/store.ts';
import { createChangeRows } from './changeRows.ts';
import { explainsDrop, latestStates, nextState, type Known, type PlacedChange } from './knownStates.ts';
import { createLatencyHistory } from './latencyHistory.ts';
import { pruneHistory } from './pruneHistory.ts';
import { placeKey, type TunnelRef } from './tunnelRef.ts';
import { tenantPort } from './tunnelStates.ts';
import { hourMs } from '../../src-shared/base/time.ts';

/** The present state of a tunnel follows from its changes in this period and the last one before. */
const recentMs = 48 * hourMs;
/** Above this number, it is faster to read all tunnels at once **[ours]**. */
const maxSinglePlaces = 200;

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

/** Past states of tunnels, in the data folder. Several consoles may write at once. All methods throw STORE_FAILED. */
export function createHistory(options: { store: Store; clock: () => number }) {
  const { store } = options;
  const { query } = store;
  const latencies = createLatencyHistory({ store });
  const rows = createChangeRows({ store });

  /** The present state of each tunnel of an appliance, by `placeKey`. */
  const known = (applianceId: string) =>
    latestStates(rows.since(applianceId, {}, options.clock() - recentMs));

  /** When a console watched the appliance, oldest first. */
  function watchedSpans(applianceId: string, within: { fromMs: number; toMs: number }) {
    const spans = store.all(
      query
        .selectFrom('watchSpan')
        .select(['fromMs', 'toMs'])
        .where('applianceId', '=', applianceId)
        .where('toMs', '>=', within.fromMs)
        .orderBy('toMs'),
    );
    const last = spans.at(-1);
    // The next answer is not overdue yet.
    if (last !== undefined && within.toMs - last.toMs <= staleAfterMs) last.toMs = within.toMs;
    return spans;
  }

  /** The same for some tunnels, because reading all of them for every answer that changes a few takes too long. */
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
     * Stores the changes that an answer showed, unless another console has stored them. Returns the state of the
     * changed tunnels, and the stored changes.
     */
    record: (answer: {
      applianceId: string;
      observedAtMs: number;
      changes: readonly Omit<PlacedChange, 'dropped'>[];
    }): { known: Map<string, Known>; written: PlacedChange[] } =>
      store.write(() => {
        const held = knownOf(answer.applianceId, answer.changes);
        const written: PlacedChange[] = [];
        for (const found of answer.changes) {
          const key = placeKey(found);
          const before = held.get(key);
          const isKnown = before !== undefined && before.tone === found.tone && before.code === found.code;
          if (isKnown || (before !== undefined && before.atMs >= answer.observedAtMs)) continue;
          const explains = before !== undefined && explainsDrop(before, found, answer.observedAtMs);
          if (explains) rows.unmarkDrop({ ...before, applianceId: answer.applianceId }, before.atMs);
          const isDrop =
            before !== undefined && availabilityOf(before) === 'up' && availabilityOf(found) === 'down';
          const change = {
            ...found,
            atMs: Math.max(found.atMs, (before?.atMs ?? 0) + 1),
            dropped: isDrop || explains,
          };
          written.push(change);
          held.set(key, nextState(before, change));
        }
        rows.insert(answer.applianceId, written);
        return { known: held, written };
      }),

    /** Stores or extends the period in which a console watched an appliance. */
    watched: (span: { id: string; applianceId: string; fromMs: number; toMs: number }): void => {
      store.run(
        query
          .insertInto('watchSpan')
          .values(span)
          .onConflict((conflict) => conflict.column('id').doUpdateSet({ toMs: span.toMs })),
      );
    },

    latencies: latencies.record,

    lastDrops: rows.lastDrops,
    dropsSince: rows.dropsSince,

    /** With `cellMs`, the spans are those of a strip with such cells. */
    of: (place: TunnelRef, within: { fromMs: number; toMs: number; cellMs?: number }): TunnelHistory =>
      store.read(() => {
        const { applianceId, clientId, port } = place;
        const placeChanges = rows.since(applianceId, { clientId, port }, within.fromMs);
        const watched = watchedSpans(applianceId, within);
        const exact = toneSpans({ changes: placeChanges, watched, within });
        const spans = within.cellMs === undefined ? exact : coarseSpans(exact, within.cellMs);
        const { watchedMs, upMs } = availabilityWithin({ changes: placeChanges, watched, within });
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

    /** Availability of each tunnel with history in the period, by tenant and port. */
    availability: (
      { applianceId, ...place }: { applianceId: string } & Partial<TunnelRef>,
      within: { fromMs: number; toMs: number },
    ) =>
      store.read(() => {
        const watched = watchedSpans(applianceId, within);
        const byPlace = Map.groupBy(rows.since(applianceId, place, within.fromMs), placeKey);
        return [...byPlace.values()].flatMap((placeChanges) => {
          const [first] = placeChanges;
          if (first === undefined) return [];
          const { outages, ...sums } = availabilityWithin({ changes: placeChanges, watched, within });
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
