import { z } from 'zod';
import type { TunnelHistory } from '../../src-shared/contract/ports.ts';
import { availabilityWithin, coarseSpans } from '../../src-shared/model/tunnels/availability.ts';
import { staleAfterMs } from '../../src-shared/model/tunnels/observedLayers.ts';
import { toneSchema } from '../../src-shared/model/tunnels/tone.ts';
import { tunnelCodes, tunnelCodeSchema } from '../../src-shared/model/tunnels/tunnelCodes.ts';
import {
  availabilityOf,
  noLongerForwarded,
  toneSpans,
  type TunnelChange,
} from '../../src-shared/model/tunnels/tunnelHistory.ts';
import type { TunnelChangeTable } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { createLatencyHistory } from './latencyHistory.ts';
import { placeKey, type TunnelRef } from './tunnelRef.ts';
import { tenantPort } from './tunnelStates.ts';

export type PlacedChange = TunnelChange & { clientId: string; port: number };
/** The stored state of a tunnel, and since when it has been down; null while it is not. */
export type Known = PlacedChange & { downSinceMs: number | null };
type Drop = { atMs: number; reason: string };

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** History is kept for 30 days, and one hour more for the hour that pruning may be late. */
export const keptMs = 30 * dayMs + hourMs;
/** The present state of a tunnel is read from the changes of this time, and the last one before. */
const recentMs = 2 * dayMs;
/** A tunnel that flaps for days keeps this many changes, the latest; what came before is unknown **[ours]**. */
const maxChanges = 5_000;
/** SQLite takes 32,766 values in one statement; a change has eight. */
const rowsAtOnce = 2_000;
/** More tunnels than this are read faster all at once **[ours]**. */
const placesOneByOne = 200;

const stateSchema = z.object({ tone: toneSchema, code: tunnelCodeSchema });
type Row = Omit<TunnelChangeTable, 'applianceId'>;

/** A change whose code this version does not know is left out. */
function changeOf(row: Row): PlacedChange[] {
  const state = stateSchema.safeParse(row).data;
  if (state === undefined) return [];
  return [
    {
      ...state,
      clientId: row.clientId,
      port: row.port,
      atMs: row.atMs,
      reason: row.reason,
      dropped: row.dropped === 1,
    },
  ];
}

/** sshd lets go of a port a moment after its session ended, so that the first answer may know only half of it. */
const explainedWithinMs = 30_000;

function explainsDrop(before: Known, found: Pick<PlacedChange, 'code'>, observedAtMs: number): boolean {
  return (
    before.dropped && absenceOf(found) === 'unexplained' && observedAtMs - before.atMs <= explainedWithinMs
  );
}

/** Why the tenant was away; undefined if it was not. */
const absenceOf = ({ code }: Pick<PlacedChange, 'code'>) => tunnelCodes[code].absence;

/** What holds after `change`, which came after `before`. */
export function after(before: Known | undefined, change: PlacedChange): Known {
  if (availabilityOf(change) !== 'down') return { ...change, downSinceMs: null };
  // A process that holds the port of an absent tenant is another fault than the absence.
  const isAnother =
    before !== undefined && absenceOf(before) !== undefined && tunnelCodes[change.code].isPortHeld === true;
  const isStillDown = before !== undefined && before.downSinceMs !== null && !isAnother;
  return { ...change, downSinceMs: isStillDown ? before.downSinceMs : change.atMs };
}

/** What holds of each tunnel after all of `written`, the oldest first. */
function holding(written: readonly PlacedChange[]): Map<string, Known> {
  const result = new Map<string, Known>();
  for (const change of written) {
    const key = placeKey(change);
    result.set(key, after(result.get(key), change));
  }
  return result;
}

function chunks<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / rowsAtOnce) }, (_, index) =>
    items.slice(index * rowsAtOnce, (index + 1) * rowsAtOnce),
  );
}

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

/** How tunnels were, in the data folder. Several consoles may write at once. All methods throw STORE_FAILED. */
export function createHistory(options: { store: Store; clock: () => number }) {
  const { store } = options;
  const { query } = store;
  const latencies = createLatencyHistory({ store });
  const columns = ['clientId', 'port', 'atMs', 'tone', 'code', 'reason', 'dropped'] as const;

  type Place = { clientId: string; port: number };

  /** The changes since `sinceMs` and the last one of each tunnel before; those of a tunnel together, oldest first. */
  function changes(applianceId: string, place: Partial<Place>, sinceMs: number): PlacedChange[] {
    const { clientId, port } = place;
    const ofPlace = query
      .selectFrom('tunnelChange')
      .where('applianceId', '=', applianceId)
      .$if(clientId !== undefined, (build) => build.where('clientId', '=', clientId ?? ''))
      .$if(port !== undefined, (build) => build.where('port', '=', port ?? 0));
    // SQLite takes the other columns from the row of the maximum.
    const before = ofPlace
      .select((expression) => [
        'clientId',
        'port',
        expression.fn.max('atMs').as('atMs'),
        'tone',
        'code',
        'reason',
        'dropped',
      ])
      .where('atMs', '<', sinceMs)
      .groupBy(['clientId', 'port']);
    const since = ofPlace.select([...columns]).where('atMs', '>=', sinceMs);
    const rows = [...store.all(before), ...store.all(since.orderBy('atMs'))];
    return [...Map.groupBy(rows, placeKey).values()].flat().flatMap(changeOf);
  }

  /** The present state of each tunnel of an appliance, by `placeKey`. */
  const known = (applianceId: string) => holding(changes(applianceId, {}, options.clock() - recentMs));

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

  /** The same for some tunnels: those of all are too much to read for every answer that changes a few. */
  function knownOf(applianceId: string, places: readonly Place[]): Map<string, Known> {
    if (places.length > placesOneByOne) return known(applianceId);
    const sinceMs = options.clock() - recentMs;
    return holding(places.flatMap(({ clientId, port }) => changes(applianceId, { clientId, port }, sinceMs)));
  }

  /** Deletes the oldest changes of tunnels that have more than `maxChanges`. */
  function boundChanges(): void {
    const flapping = store.all(
      query
        .selectFrom('tunnelChange')
        .select(['applianceId', 'clientId', 'port'])
        .groupBy(['applianceId', 'clientId', 'port'])
        .having((expression) => expression.fn.countAll(), '>', maxChanges),
    );
    for (const place of flapping) {
      const ofPlace = query.selectFrom('tunnelChange').where((expression) => expression.and(place));
      const last = store.first(ofPlace.select('atMs').orderBy('atMs', 'desc').offset(maxChanges).limit(1));
      if (last === undefined) continue;
      store.run(
        query
          .deleteFrom('tunnelChange')
          .where((expression) => expression.and(place))
          .where('atMs', '<=', last.atMs),
      );
    }
  }

  return {
    known,

    /**
     * Takes in what an answer of `observedAtMs` showed to be new, and what another console wrote of the same tunnels
     * meanwhile; what holds of these is given back.
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
          if (explains)
            store.run(
              query
                .updateTable('tunnelChange')
                .set({ dropped: 0 })
                .where('applianceId', '=', answer.applianceId)
                .where('clientId', '=', before.clientId)
                .where('port', '=', before.port)
                .where('atMs', '=', before.atMs),
            );
          const isDrop =
            before !== undefined && availabilityOf(before) === 'up' && availabilityOf(found) === 'down';
          const change = {
            ...found,
            atMs: Math.max(found.atMs, (before?.atMs ?? 0) + 1),
            dropped: isDrop || explains,
          };
          written.push(change);
          held.set(key, after(before, change));
        }
        for (const rows of chunks(written))
          store.run(
            query.insertInto('tunnelChange').values(
              rows.map(({ clientId, port, atMs, tone, code, reason, dropped }) => ({
                applianceId: answer.applianceId,
                clientId,
                port,
                atMs,
                tone,
                code,
                reason,
                dropped: dropped ? 1 : 0,
              })),
            ),
          );
        return { known: held, written };
      }),

    /** Lengthens one console's watch over an appliance, or begins it. */
    watched: (span: { id: string; applianceId: string; fromMs: number; toMs: number }): void => {
      store.run(
        query
          .insertInto('watchSpan')
          .values(span)
          .onConflict((conflict) => conflict.column('id').doUpdateSet({ toMs: span.toMs })),
      );
    },

    latencies: latencies.record,

    /** The last drop of each tunnel of an appliance, by `placeKey`. */
    lastDrops: (applianceId: string): Map<string, Drop> =>
      new Map(
        store
          .all(
            query
              .selectFrom('tunnelChange')
              .select((expression) => ['clientId', 'port', 'reason', expression.fn.max('atMs').as('atMs')])
              .where('applianceId', '=', applianceId)
              .where('dropped', '=', 1)
              .groupBy(['clientId', 'port']),
          )
          .map((row) => [placeKey(row), { atMs: row.atMs, reason: row.reason }]),
      ),

    /** How often each tunnel of an appliance dropped since then, by `placeKey`. */
    dropsSince: (applianceId: string, sinceMs: number): Map<string, number> =>
      new Map(
        store
          .all(
            query
              .selectFrom('tunnelChange')
              .select((expression) => ['clientId', 'port', expression.fn.countAll<number>().as('drops')])
              .where('applianceId', '=', applianceId)
              .where('dropped', '=', 1)
              .where('atMs', '>=', sinceMs)
              .groupBy(['clientId', 'port']),
          )
          .map((row) => [placeKey(row), row.drops]),
      ),

    /** With `cellMs` the spans are those of a strip of such cells. */
    of: (place: TunnelRef, within: { fromMs: number; toMs: number; cellMs?: number }): TunnelHistory =>
      store.read(() => {
        const { applianceId, clientId, port } = place;
        const placeChanges = changes(applianceId, { clientId, port }, within.fromMs);
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

    /** Availability of each tunnel that the history knows in the period, by tenant and port. */
    availability: (
      { applianceId, ...place }: { applianceId: string } & Partial<Place>,
      within: { fromMs: number; toMs: number },
    ) =>
      store.read(() => {
        const watched = watchedSpans(applianceId, within);
        const byPlace = Map.groupBy(changes(applianceId, place, within.fromMs), placeKey);
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

    /** Deletes what is older than 30 days, except the present state of a tunnel, and bounds what a flapping tunnel keeps. */
    prune: (nowMs: number): void => {
      const before = nowMs - keptMs;
      store.write(() => {
        latencies.prune(nowMs, before);
        store.run(query.deleteFrom('watchSpan').where('toMs', '<', before));
        store.run(
          query
            .deleteFrom('tunnelChange')
            .where('atMs', '<', before)
            .where((expression) =>
              expression.or([
                // A port that was given up long ago needs no trace of its own.
                expression.and(noLongerForwarded),
                expression.exists(
                  expression
                    .selectFrom('tunnelChange as later')
                    .select('later.atMs')
                    .whereRef('later.applianceId', '=', 'tunnelChange.applianceId')
                    .whereRef('later.clientId', '=', 'tunnelChange.clientId')
                    .whereRef('later.port', '=', 'tunnelChange.port')
                    .whereRef('later.atMs', '>', 'tunnelChange.atMs')
                    .where('later.atMs', '<', before),
                ),
              ]),
            ),
        );
        boundChanges();
      });
    },
  };
}
export type History = ReturnType<typeof createHistory>;
