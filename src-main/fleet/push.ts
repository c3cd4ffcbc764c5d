import { setTimeout as delay } from 'node:timers/promises';
import { growingDelayMs } from '../../src-shared/base/backOff.ts';
import { race } from '../../src-shared/base/race.ts';
import { hourMs, secondMs } from '../../src-shared/base/time.ts';
import { AppError } from '../../src-shared/errors.ts';
import { InvalidPartsError, type WatchedAppliance } from '../../src-shared/model/watch/watchedAppliance.ts';
import { aliveEveryMs } from '../../src-shared/model/watch/watchLines.ts';
import type { Driver } from '../driver/driver.ts';
import type { Log } from '../base/log.ts';
import { createWatchedState } from './watchedState.ts';

/** An appliance that says nothing for this time is polled again **[ours]**. */
const maxSilenceMs = 2 * aliveEveryMs + 2 * secondMs;
/** The first line comes after a look at the whole appliance. */
const maxFirstMs = 20 * secondMs;
/** An appliance that says nothing for this time is polled, because its look may be slow **[ours]**. */
const firstChanceMs = 3 * secondMs;
/** So many lines are taken at once; then so many a second. What comes faster waits on the appliance **[ours]**. */
const burst = 400;
const everyLineMs = 20;

/** A channel that was up for this time did not end soon. */
const stableAfterMs = 60 * secondMs;
const firstRetryMs = 5 * secondMs;
const maxRetryMs = 80 * secondMs;

type Watch = {
  state: ReturnType<typeof createWatchedState>;
  abort: AbortController | null;
  /** When it was asked last, by the steady clock. */
  askedAt: number;
  /** When the appliance said something last, by the steady clock. Null while it is not watched. */
  heardAt: number | null;
  /** How often in a row the channel ended soon. */
  failures: number;
  /** When it may be asked again, by the steady clock. */
  nextAt: number;
};

function throwSilent(): never {
  throw new AppError('COMMAND_TIMEOUT', 'ke_watch said nothing for too long.');
}

/** Its lines queue up, or the clocks that say how old they are no longer agree. A new connection begins without both. */
function throwLate(): never {
  throw new AppError('COMMAND_TIMEOUT', 'What ke_watch says is too old.');
}

/** Lets a line pass at once as long as few came lately. */
function createLinePace(now: () => number) {
  let paidUntil = now() - burst * everyLineMs;
  return async (signal: AbortSignal): Promise<void> => {
    paidUntil = Math.max(paidUntil, now() - burst * everyLineMs) + everyLineMs;
    const waitMs = paidUntil - now();
    if (waitMs > 0) await delay(waitMs, undefined, { signal });
  };
}

/**
 * Listens to appliances that tell what changes (`ke_watch`). Each has one channel. One that can't, or says
 * nothing, is not listened to for a while; the caller polls it.
 */
export function createPush(options: {
  driverOf: (applianceId: string) => Pick<Driver, 'watch'>;
  /** Called with what the appliance said and when it held, by the steady clock. */
  onSaid: (applianceId: string, watched: WatchedAppliance, heldMs: number) => void;
  /** Called when an appliance is no longer listened to. `hasSaid`: whether it said anything. */
  onEnded: (applianceId: string, hasSaid: boolean) => void;
  steadyClock: () => number;
  log: Log;
}) {
  const { steadyClock, log } = options;
  const watches = new Map<string, Watch>();

  function find(id: string): Watch {
    const known = watches.get(id);
    if (known !== undefined) return known;
    const watch: Watch = {
      state: createWatchedState(),
      abort: null,
      askedAt: 0,
      heardAt: null,
      failures: 0,
      nextAt: 0,
    };
    watches.set(id, watch);
    return watch;
  }

  async function listen(id: string, watch: Watch, signal: AbortSignal): Promise<void> {
    const begunAt = steadyClock();
    const pace = createLinePace(steadyClock);
    watch.state.beginConnection();
    const lines = options.driverOf(id).watch({ position: watch.state.position(), signal });
    for (;;) {
      const timeoutMs = watch.heardAt === null ? maxFirstMs : maxSilenceMs;
      const next = await race(lines.next(), { timeoutMs, onTimeout: throwSilent, signal });
      if (next.done === true) return;
      const { watched, heldMs } = watch.state.take(next.value, steadyClock());
      watch.heardAt = steadyClock();
      if (watch.heardAt - begunAt > stableAfterMs) watch.failures = 0;
      options.onSaid(id, watched, heldMs);
      if (watch.heardAt - heldMs > maxSilenceMs) throwLate();
      await pace(signal);
    }
  }

  /** How long to wait before the appliance is asked again. A kit that has no such command may get it by an update. */
  function retryMs({ failures }: Watch, thrown: unknown): number {
    if (thrown instanceof AppError && thrown.code === 'COMMAND_MISSING') return hourMs;
    return growingDelayMs({ failures, firstMs: firstRetryMs, maxMs: maxRetryMs });
  }

  async function run(id: string, watch: Watch, abort: AbortController): Promise<void> {
    let thrown: unknown = null;
    try {
      await listen(id, watch, abort.signal);
    } catch (error) {
      thrown = error;
      const isExpected = error instanceof AppError || error instanceof InvalidPartsError;
      if (!abort.signal.aborted)
        log[isExpected ? 'info' : 'error']({ err: error, applianceId: id }, 'the appliance is polled');
      // What was said may not fit together, so the next time everything is sent.
      if (!(error instanceof AppError) || error.code === 'OUTPUT_UNPARSED') watch.state.forget();
    }
    const isOurs = watch.abort === abort;
    abort.abort();
    if (!isOurs) return;
    const hasSaid = watch.heardAt !== null;
    watch.abort = null;
    watch.heardAt = null;
    watch.nextAt = steadyClock() + retryMs(watch, thrown);
    watch.failures += 1;
    options.onEnded(id, hasSaid);
  }

  function stop(id: string): void {
    const watch = watches.get(id);
    if (watch === undefined) return;
    const { abort } = watch;
    watch.abort = null;
    watch.heardAt = null;
    watch.nextAt = 0;
    abort?.abort(new AppError('CANCELLED', 'The appliance is no longer watched.'));
  }

  return {
    /** Listens to an appliance whose link is up, unless it is listened to already or failed a moment ago. */
    start: (id: string): void => {
      const watch = find(id);
      if (watch.abort !== null || steadyClock() < watch.nextAt) return;
      const abort = new AbortController();
      watch.abort = abort;
      watch.askedAt = steadyClock();
      void run(id, watch, abort);
    },
    /** Whether the appliance tells what changes, so that it needs no polling. */
    isLive: (id: string): boolean => {
      const heardAt = watches.get(id)?.heardAt ?? null;
      return heardAt !== null && steadyClock() - heardAt < maxSilenceMs;
    },
    /** Whether the appliance was asked a moment ago and has not said anything yet, so that its answer may come. */
    isAwaited: (id: string): boolean => {
      const watch = watches.get(id);
      if (watch === undefined || watch.abort === null || watch.heardAt !== null) return false;
      return steadyClock() - watch.askedAt < firstChanceMs;
    },
    /** Ends the channel, and keeps what was said, so that only what changed is sent again. */
    stop,
    /** Another machine replaced the appliance, or it was removed. */
    forget: (id: string): void => {
      stop(id);
      watches.delete(id);
    },
    close: (): void => {
      for (const id of watches.keys()) stop(id);
    },
  };
}
