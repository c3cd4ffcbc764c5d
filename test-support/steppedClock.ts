import { setImmediate as tick } from 'node:timers/promises';
import type { Clock } from '../src-shared/base/clock.ts';

/** A clock that stands still until `advance`. It begins at 0. */
export function createSteppedClock(): Clock & { advance: (milliseconds: number) => Promise<void> } {
  let now = 0;
  const sleepers = new Set<{ until: number; wake: () => void }>();
  return {
    now: () => now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        const sleeper = {
          until: now + milliseconds,
          wake: () => {
            sleepers.delete(sleeper);
            signal.removeEventListener('abort', sleeper.wake);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal.addEventListener('abort', sleeper.wake, { once: true });
        if (signal.aborted) sleeper.wake();
      }),
    /** Resolves once what slept that long has run on. */
    advance: async (milliseconds) => {
      now += milliseconds;
      for (const sleeper of sleepers) if (sleeper.until <= now) sleeper.wake();
      await tick();
    },
  };
}
