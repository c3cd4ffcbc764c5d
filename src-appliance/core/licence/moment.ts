import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';

/* The login path also evaluates deadlines of keys, so this file imports nothing that is slow to load (no zod). */

/** The uptime of one boot of the machine. The kernel counts it, so changes of the clock don't affect it. */
export type Running = { bootId: string; uptimeMs: number };

export function readRunning(): Running {
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return { bootId, uptimeMs: Math.round(uptime() * 1000) };
}

export function clockPath(stateFolder: string): string {
  return join(stateFolder, 'clock.json');
}

/** Never before the high-water mark. If the mark is missing or damaged, this is the machine's clock. */
function trustedNow(stateFolder: string, now: number): number {
  try {
    const mark: unknown = JSON.parse(readFileSync(clockPath(stateFolder), 'utf8'));
    if (typeof mark !== 'object' || mark === null || !('highWater' in mark)) return now;
    const highWater = typeof mark.highWater === 'string' ? Date.parse(mark.highWater) : Number.NaN;
    return Number.isFinite(highWater) ? Math.max(now, highWater) : now;
  } catch {
    return now;
  }
}

/** The time that deadlines are compared with: a clock that does not run backwards, and the elapsed uptime. */
export type Moment = { trusted: number; running: Running | null };

export function readMoment(stateFolder: string, now: number): Moment {
  let running: Running | null;
  try {
    running = readRunning();
  } catch {
    running = null;
  }
  return { trusted: trustedNow(stateFolder, now), running };
}

/** When a replaced key expires. `whileRunning` is the same instant in uptime. */
export type Deadline = { expiresAt: string | null; whileRunning: Running | null };

/**
 * Expired if either clock says so **[ours]**. Setting the clock back does not extend a key during this boot, because
 * uptime continues; across a restart only the high-water mark is known. A clock that is set ahead expires the key
 * early, which is safe.
 */
export function isExpired({ expiresAt, whileRunning }: Deadline, moment: Moment): boolean {
  if (expiresAt === null) return false;
  // An invalid instant was not written by this program, so the key counts as expired.
  if (!(moment.trusted < Date.parse(expiresAt))) return true;
  const { running } = moment;
  return (
    whileRunning !== null &&
    running !== null &&
    whileRunning.bootId === running.bootId &&
    running.uptimeMs >= whileRunning.uptimeMs
  );
}
