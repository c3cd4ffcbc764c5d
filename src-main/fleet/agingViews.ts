import { secondMs } from '../../src-shared/base/time.ts';
import { callEvery } from '../../src-shared/node/callEvery.ts';

/** A view that shows an age is sent again after this many checks, even if nothing else changed. */
const roundsPerAge = 5;

/**
 * Calls `mark` when a view becomes stale, and regularly while a view shows an age, because both change
 * without a new answer.
 */
export function markAgingViews(options: {
  ids: () => readonly string[];
  isStale: (applianceId: string) => boolean;
  isConnected: (applianceId: string) => boolean;
  mark: (applianceId: string) => void;
  onError: (thrown: unknown) => void;
}): () => void {
  let staleBefore: ReadonlySet<string> = new Set();
  let round = 0;

  return callEvery({
    everyMs: secondMs,
    work: () => {
      round += 1;
      const ids = options.ids();
      const stale = new Set(ids.filter(options.isStale));
      for (const id of ids) {
        const showsAge = stale.has(id) || !options.isConnected(id);
        const isAgeDue = showsAge && round % roundsPerAge === 0;
        if (isAgeDue || stale.has(id) !== staleBefore.has(id)) options.mark(id);
      }
      staleBefore = stale;
    },
    onError: options.onError,
  });
}
