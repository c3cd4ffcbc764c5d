import { noLongerForwarded } from '../../src-shared/model/tunnels/tunnelHistory.ts';
import type { Store } from '../store/store.ts';
import { createLatencyHistory } from './latencyHistory.ts';
import { hourMs, minuteMs } from '../../src-shared/base/time.ts';

/** History is kept for 30 days, plus one hour because pruning runs once an hour. */
const keptMs = (30 * 24 + 1) * hourMs;
/**
 * Maximum number of changes that are kept for each tunnel, because a tunnel may flap for days. The oldest are
 * deleted first **[ours]**.
 */
const maxChanges = 5_000;

/**
 * A clock that is wrong for a short time must not delete history, so the age counts from the end of the
 * newest watch that lasted this long **[ours]**.
 */
const minWatchMs = 10 * minuteMs;

/** The end of the newest long watch. Undefined if no watch lasted long enough. */
function findLastLongWatch(store: Store): number | undefined {
  const long = store.query
    .selectFrom('watchSpan')
    .select('toMs')
    .where((expression) => expression(expression('toMs', '-', expression.ref('fromMs')), '>=', minWatchMs));
  return store.first(long.orderBy('toMs', 'desc').limit(1))?.toMs;
}

/**
 * Deletes history that is older than 30 days, but keeps the current state of each tunnel. Throws
 * STORE_FAILED.
 */
export function pruneHistory(store: Store, nowMs: number): void {
  store.write(() => {
    const watchedToMs = findLastLongWatch(store);
    if (watchedToMs !== undefined) deleteOld(store, Math.min(nowMs, watchedToMs));
    limitChanges(store);
  });
}

function deleteOld(store: Store, nowMs: number): void {
  const { query } = store;
  const before = nowMs - keptMs;
  createLatencyHistory({ store }).prune(nowMs, before);
  store.run(query.deleteFrom('watchSpan').where('toMs', '<', before));
  store.run(
    query
      .deleteFrom('tunnelChange')
      .where('atMs', '<', before)
      .where((expression) =>
        expression.or([
          // The port has not been forwarded since then, so its state is not needed either.
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
}

/**
 * Deletes what was stored with times later than `nowMs`, because the clock was ahead then. The last such
 * state of each tunnel becomes its state directly before `nowMs`, so that an answer of `nowMs` can change it.
 * Throws STORE_FAILED.
 */
export function removeLaterThan(store: Store, nowMs: number): void {
  const { query } = store;
  store.write(() => {
    const later = query.selectFrom('tunnelChange').where('atMs', '>', nowMs);
    // With max(), SQLite takes the other columns from the row that has the maximum.
    const states = store.all(
      later
        .select((expression) => [
          'applianceId',
          'clientId',
          'port',
          'tone',
          'code',
          'reason',
          expression.fn.max('atMs').as('atMs'),
        ])
        .groupBy(['applianceId', 'clientId', 'port']),
    );
    store.run(query.deleteFrom('tunnelChange').where('atMs', '>', nowMs));
    for (const state of states)
      store.run(query.replaceInto('tunnelChange').values({ ...state, atMs: nowMs - 1, dropped: 0 }));
    store.run(query.deleteFrom('tunnelLatency').where('quarterMs', '>', nowMs));
    store.run(query.deleteFrom('tunnelLatencyDay').where('dayMs', '>', nowMs));
    store.run(query.deleteFrom('watchSpan').where('fromMs', '>', nowMs));
    store.run(query.updateTable('watchSpan').set({ toMs: nowMs }).where('toMs', '>', nowMs));
  });
}

/** Deletes the oldest changes of each tunnel that has more than `maxChanges`. */
function limitChanges(store: Store): void {
  const { query } = store;
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
