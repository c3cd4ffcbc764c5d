import { setTimeout as delay } from 'node:timers/promises';
import { secondMs } from '../../src-shared/base/time.ts';

/**
 * A command may run on after its link was cut, first waiting for the appliance's lock. If it runs longer, it hangs, and
 * the result is unknown **[ours]**.
 */
const hangsAfterMs = 90 * secondMs;
const askAgainMs = 500;

/** Whether a command with these arguments runs on the appliance. Null if the appliance can't tell. */
export type IsRunning = (argv: readonly string[]) => Promise<boolean | null>;

/** Resolves with true when no command with these arguments runs any more, and with false if one hangs. */
export async function waitUntilEnded(isRunning: IsRunning, argv: readonly string[]): Promise<boolean> {
  const startedAt = performance.now();
  while ((await isRunning(argv)) === true) {
    if (performance.now() - startedAt > hangsAfterMs) return false;
    await delay(askAgainMs);
  }
  return true;
}
