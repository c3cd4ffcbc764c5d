import { sql } from 'kysely';
import { z } from 'zod';
import type { TunnelHistory } from '../../src-shared/contract/ports.ts';
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

/** `port` 0 is the tenant itself. */
export type TunnelRef = { applianceId: string; clientId: string; port: number };
export type PlacedChange = TunnelChange & { clientId: string; port: number };
/** As far as the store knows: what holds of a tunnel, and since when it has been down if it is. */
export type Known = PlacedChange & { downSinceMs: number | null };
type Drop = { atMs: number; reason: string };

export const keptMs = 48 * 3_600_000;
export const quarterMs = 15 * 60_000;
/** SQLite takes 32,766 values in one statement; a change has eight. */
const rowsAtOnce = 2_000;
/** More tunnels than this are read faster all at once **[ours]**. */
const placesOneByOne = 200;

const stateSchema = z.object({ tone: toneSchema, code: tunnelCodeSchema });
type Row = Omit<TunnelChangeTable, 'applianceId'>;

/** A code that this version does not know any more counts as nothing known. */
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

export const placeKey = (place: { clientId: string; port: number }) => `${place.clientId} ${place.port}`;

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

/** How tunnels were, in the data folder: several consoles may write it at once. All methods throw STORE_FAILED. */
export function createHistory(options: { store: Store }) {
  const { store } = options;
  const { query } = store;
  const columns = ['clientId', 'port', 'atMs', 'tone', 'code', 'reason', 'dropped'] as const;

  type Place = { clientId: string; port: number };

  function changes(applianceId: string, place: Place | null): PlacedChange[] {
    const all = query
      .selectFrom('tunnelChange')
      .select([...columns])
      .where('applianceId', '=', applianceId);
    const wanted =
      place === null ? all : all.where('clientId', '=', place.clientId).where('port', '=', place.port);
    return store.all(wanted.orderBy('clientId').orderBy('port').orderBy('atMs')).flatMap(changeOf);
  }

  /** What holds of each tunnel of an appliance, by `placeKey`. */
  const known = (applianceId: string) => holding(changes(applianceId, null));

  /** The same of some: two days of all of them are too much to read for every answer that changes a few. */
  function knownOf(applianceId: string, places: readonly Place[]): Map<string, Known> {
    if (places.length > placesOneByOne) return known(applianceId);
    return holding(places.flatMap((place) => changes(applianceId, place)));
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

    latencies: (
      applianceId: string,
      measured: readonly { clientId: string; port: number; atMs: number; milliseconds: number }[],
    ): void => {
      // One statement may not change a row twice.
      const slowest = new Map<
        string,
        { clientId: string; port: number; quarterMs: number; slowestMs: number }
      >();
      for (const one of measured) {
        const quarter = Math.floor(one.atMs / quarterMs) * quarterMs;
        const key = `${placeKey(one)} ${quarter}`;
        const before = slowest.get(key)?.slowestMs ?? 0;
        slowest.set(key, {
          clientId: one.clientId,
          port: one.port,
          quarterMs: quarter,
          slowestMs: Math.max(before, Math.round(one.milliseconds)),
        });
      }
      store.write(() => {
        for (const rows of chunks([...slowest.values()]))
          store.run(
            query
              .insertInto('tunnelLatency')
              .values(rows.map((row) => ({ applianceId, ...row })))
              .onConflict((conflict) =>
                conflict
                  .columns(['applianceId', 'clientId', 'port', 'quarterMs'])
                  .doUpdateSet({ slowestMs: sql`max(slowest_ms, excluded.slowest_ms)` }),
              ),
          );
      });
    },

    /** The last drop of each tunnel of an appliance, by `placeKey`. */
    lastDrops: (applianceId: string): Map<string, Drop> =>
      new Map(
        store
          .all(
            query
              .selectFrom('tunnelChange')
              .select(['clientId', 'port', 'atMs', 'reason'])
              .where('applianceId', '=', applianceId)
              .where('dropped', '=', 1)
              .orderBy('atMs'),
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

    of: (place: TunnelRef, within: { fromMs: number; toMs: number }): TunnelHistory => {
      const { applianceId, clientId, port } = place;
      const ofPlace = { applianceId, clientId, port };
      return store.read(() => {
        const changes = store
          .all(
            query
              .selectFrom('tunnelChange')
              .select([...columns])
              .where((expression) => expression.and(ofPlace))
              .orderBy('atMs'),
          )
          .flatMap(changeOf);
        const watched = store.all(
          query
            .selectFrom('watchSpan')
            .select(['fromMs', 'toMs'])
            .where('applianceId', '=', applianceId)
            .where('toMs', '>=', within.fromMs)
            .orderBy('toMs'),
        );
        const last = watched.at(-1);
        // The next answer is not missing yet.
        if (last !== undefined && within.toMs - last.toMs <= staleAfterMs) last.toMs = within.toMs;
        const latency = store.all(
          query
            .selectFrom('tunnelLatency')
            .select(['quarterMs', 'slowestMs'])
            .where((expression) => expression.and(ofPlace))
            .where('quarterMs', '>=', within.fromMs - quarterMs)
            .orderBy('quarterMs'),
        );
        return {
          from: iso(within.fromMs),
          to: iso(within.toMs),
          spans: toneSpans({ changes, watched, within }).map((span) => ({
            from: iso(span.fromMs),
            to: iso(span.toMs),
            tone: span.tone,
            code: span.code,
          })),
          latency: latency.map((row) => ({ at: iso(row.quarterMs), milliseconds: row.slowestMs })),
          drops: changes
            .filter((change) => change.dropped && change.atMs >= within.fromMs)
            .map((change) => ({ at: iso(change.atMs), code: change.code, reason: change.reason })),
        };
      });
    },

    /** Forgets what is too old, but for what still holds. */
    prune: (nowMs: number): void => {
      const before = nowMs - keptMs;
      store.write(() => {
        store.run(query.deleteFrom('tunnelLatency').where('quarterMs', '<', before));
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
      });
    },
  };
}
export type History = ReturnType<typeof createHistory>;
