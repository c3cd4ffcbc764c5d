import type { Clock } from '../../src-shared/base/clock.ts';
import { minuteMs } from '../../src-shared/base/time.ts';

/** Locks after a time without input of the operator. `minutes` is read at each input; null means never. */
export function createAutoLock(options: { clock: Clock; minutes: () => number | null; lock: () => void }) {
  const { clock } = options;
  let locksAt: number | null = null;
  let running = new AbortController();

  async function waitAndLock(signal: AbortSignal): Promise<void> {
    while (locksAt !== null && !signal.aborted) {
      // The time may have moved on in the meantime, and a timer may ring early.
      const restMs = locksAt - clock.now();
      if (restMs <= 0) {
        locksAt = null;
        options.lock();
        return;
      }
      await clock.sleep(restMs, signal);
    }
  }

  function stop(): void {
    running.abort();
    locksAt = null;
  }

  return {
    /** Begins the time again. Call it once the vault is unlocked, and at each input. */
    restart: (): void => {
      stop();
      const minutes = options.minutes();
      if (minutes === null) return;
      locksAt = clock.now() + minutes * minuteMs;
      running = new AbortController();
      void waitAndLock(running.signal);
    },
    stop,
    /** Epoch milliseconds, or null while nothing is going to be locked. */
    locksAt: (): number | null => locksAt,
  };
}
