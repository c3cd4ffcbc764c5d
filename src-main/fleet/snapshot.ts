import { race } from '../../src-shared/base/race.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import { AppError } from '../../src-shared/errors.ts';
import { InvalidPartsError, type WatchedAppliance } from '../../src-shared/model/watch/watchedAppliance.ts';
import type { Driver } from '../driver/driver.ts';
import { createWatchedState } from './watchedState.ts';

/** The first line comes after a look at the whole appliance. */
const maxFirstMs = 20 * secondMs;

/**
 * Reads the whole appliance with one command instead of three: the first line of `ke_watch`. `heldMs`: when it held, by
 * `steadyClock`. Null if the appliance can't say it, or says what held before it was asked; the caller then runs the commands, whose
 * errors say why. Rejects with nothing but a defect of this program.
 */
export async function readSnapshot(
  driver: Pick<Driver, 'watch'>,
  steadyClock: () => number,
): Promise<{ watched: WatchedAppliance; heldMs: number } | null> {
  const begunAt = steadyClock();
  const abort = new AbortController();
  const lines = driver.watch({ position: null, signal: abort.signal });
  try {
    const first = await race(lines.next(), { timeoutMs: maxFirstMs, onTimeout: () => null });
    if (first === null || first.done === true) return null;
    const found = createWatchedState().take(first.value, steadyClock());
    return found.heldMs < begunAt ? null : found;
  } catch (thrown) {
    if (thrown instanceof AppError || thrown instanceof InvalidPartsError) return null;
    throw thrown;
  } finally {
    abort.abort();
    // Ends the command on the appliance. Its errors say nothing about what was read.
    void lines.return().catch(() => undefined);
  }
}
