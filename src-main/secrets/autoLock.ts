import type { Clock } from '../../src-shared/base/clock.ts';
import { minuteMs, secondMs } from '../../src-shared/base/time.ts';

/** Timers stand still while the computer sleeps, so the time is compared this often **[ours]**. */
const checkMs = 5 * secondMs;

/**
 * Locks after a time without input of the operator. The time also passes while the computer sleeps, and a clock that is set
 * back doesn't extend it. `minutes` is read at each input; null means never.
 */
export function createAutoLock(options: { clock: Clock; minutes: () => number | null; lock: () => void }) {
  const { clock } = options;
  /** Also true while the setting is never, so that a later setting counts. */
  let isRunning = false;
  let locksAt: number | null = null;
  let running = new AbortController();

  function stop(): void {
    running.abort();
    isRunning = false;
    locksAt = null;
  }

  function lockIfDue(): void {
    if (locksAt === null || clock.now() < locksAt) return;
    stop();
    options.lock();
  }

  async function waitAndLock(signal: AbortSignal): Promise<void> {
    for (;;) {
      const before = clock.now();
      if (locksAt === null) return;
      const sleptMs = Math.min(locksAt - before, checkMs);
      await clock.sleep(sleptMs, signal);
      if (signal.aborted) return;
      const setBackMs = before + sleptMs - clock.now();
      if (setBackMs > 0) locksAt -= setBackMs;
      lockIfDue();
    }
  }

  function restart(): void {
    stop();
    isRunning = true;
    const minutes = options.minutes();
    if (minutes === null) return;
    locksAt = clock.now() + minutes * minuteMs;
    running = new AbortController();
    void waitAndLock(running.signal);
  }

  return {
    /** Begins the time. Call it once the vault is unlocked. */
    restart,
    /** Begins the time again after input, unless it has passed already: then locks. */
    extend: (): void => {
      lockIfDue();
      if (isRunning) restart();
    },
    /** Locks at once if the time has passed, e.g. while the computer slept. */
    lockIfDue,
    stop,
    /** Epoch milliseconds, or null while nothing is going to be locked. */
    locksAt: (): number | null => locksAt,
  };
}
