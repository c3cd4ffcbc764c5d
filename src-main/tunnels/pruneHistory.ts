import { noLongerForwarded } from '../../src-shared/model/tunnels/tunnelHistory.ts';
import type { Store } from '../store/store.ts';
import { createLatencyHistory } from './latencyHistory.ts';
import { hourMs } from '../../src-shared/base/time.ts';

/** History is kept for 30 days, plus one hour because pruning runs once an hour. */
const keptMs = (30 * 24 + 1) * hourMs;
/**
 * Maximum number of changes that are kept for each tunnel, because a tunnel may flap for days. The oldest are
 * deleted first **[ours]**.
 */
const maxChanges = 5_000;

/**
 * Deletes history that is older than 30 days, but keeps the current state of each tunnel. Throws
 * STORE_FAILED.
 */
export function pruneHistory(store: Store, nowMs: number): void {
  const { query } = store;
  const before = nowMs - keptMs;
  store.write(() => {
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
    limitChanges(store);
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
