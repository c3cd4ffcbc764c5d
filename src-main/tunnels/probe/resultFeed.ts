import type { ProbeResult } from '../../../src-shared/model/tunnels/probe.ts';
import { createEmitter } from '../../../src-shared/base/emitter.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import { callEvery } from '../../../src-shared/node/callEvery.ts';
import type { Log } from '../../base/log.ts';
import type { Store } from '../../store/store.ts';
import { createProbeResults } from './results.ts';

const publishEveryMs = 250;
const saveEveryMs = secondMs;

/** Keeps the last result of each port, also across restarts, and publishes new results in batches. */
export function createResultFeed(options: { store: Store; log: Log }) {
  const results = createProbeResults(options.store);
  const published = createEmitter<[applianceId: string, results: readonly ProbeResult[]]>();
  const unpublished = new Map<string, ProbeResult[]>();
  const logError = (text: string) => (thrown: unknown) => options.log.error({ err: thrown }, text);
  const logUnpublished = logError('could not publish probe results');

  function publish(): void {
    const batch = [...unpublished];
    unpublished.clear();
    try {
      for (const [applianceId, news] of batch) published.emit(applianceId, news);
    } catch (thrown) {
      logUnpublished(thrown);
    }
  }

  const stops = [
    callEvery({ everyMs: publishEveryMs, work: publish, onError: logUnpublished }),
    callEvery({
      everyMs: saveEveryMs,
      work: results.flush,
      onError: logError('could not save probe results'),
    }),
  ];

  return {
    of: results.of,
    add: (applianceId: string, result: ProbeResult): void => {
      results.put(applianceId, [result]);
      unpublished.set(applianceId, [...(unpublished.get(applianceId) ?? []), result]);
    },
    /** Registers a listener for new results. Called at most a few times per second for each appliance. */
    onNew: published.on,
    /** Publishes the pending results now. Never throws. */
    publish,
    /** Deletes the results of an appliance. Never throws. */
    forget: (applianceId: string): void => {
      unpublished.delete(applianceId);
      try {
        results.forget(applianceId);
      } catch (thrown) {
        logError('could not remove probe results')(thrown);
      }
    },
    /** Saves pending results. Throws STORE_FAILED. */
    close: (): void => {
      for (const stop of stops) stop();
      results.flush();
    },
  };
}
