import type { KeptState } from '../../../src-shared/contract/logs.ts';
import { race } from '../../../src-shared/base/race.ts';
import { systemClock } from '../../../src-shared/base/clock.ts';
import type { KeptLogs } from '../kept/keptLogs.ts';

/** A watcher gets at most one report per this time. */
const batchMs = 250;

/** Keeps logs while it is read, and yields what happens to them. */
export async function* watchKept(
  logs: Pick<KeptLogs, 'engine' | 'keep' | 'stateOf' | 'receivedBytes' | 'onEvent' | 'onChanged'>,
  applianceIds: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<KeptState, void, void> {
  const ids = [...new Set(applianceIds)];
  let changed = 0;
  let wake = Promise.withResolvers<void>();
  const mark = (applianceId: string): void => {
    if (ids.includes(applianceId)) wake.resolve();
  };
  const stops = [
    logs.onEvent(mark),
    logs.onChanged((applianceId) => {
      if (ids.includes(applianceId)) changed += 1;
      mark(applianceId);
    }),
    logs.engine().onState(() => wake.resolve()),
  ];
  const releases = ids.map(logs.keep);
  const ended = race(new Promise<never>(() => undefined), { signal }).catch(() => undefined);
  try {
    while (!signal.aborted) {
      wake = Promise.withResolvers();
      yield {
        store: await logs.engine().readState(),
        changed,
        appliances: ids.map((applianceId) => ({
          applianceId,
          ...(logs.stateOf(applianceId) ?? { phase: 'waiting', isFilling: false, trouble: null }),
          receivedBytes: logs.receivedBytes(applianceId),
        })),
      };
      await Promise.race([ended, wake.promise]);
      await systemClock.sleep(batchMs, signal);
    }
  } finally {
    for (const stop of stops) stop();
    await Promise.all(releases.map((release) => release()));
  }
}
