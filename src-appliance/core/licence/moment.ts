import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';

/*
 * The login path uses this file for the deadlines of keys. So import nothing that is slow to load (no zod).
 */

/**
 * The machine's uptime in one boot. Changes of the clock don't affect it, because the kernel counts it.
 */
export type Uptime = { bootId: string; uptimeMs: number };

export function readUptime(): Uptime {
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return { bootId, uptimeMs: Math.round(uptime() * 1000) };
}

export function clockPath(stateFolder: string): string {
  return join(stateFolder, 'clock.json');
}

/** The machine's clock, but never before the high-water mark. A missing or damaged mark is ignored. */
function readTrustedTime(stateFolder: string, now: number): number {
  try {
    const mark: unknown = JSON.parse(readFileSync(clockPath(stateFolder), 'utf8'));
    if (typeof mark !== 'object' || mark === null || !('highWater' in mark)) return now;
    const highWater = typeof mark.highWater === 'string' ? Date.parse(mark.highWater) : Number.NaN;
    return Number.isFinite(highWater) ? Math.max(now, highWater) : now;
  } catch {
    return now;
  }
}

/** The present time, to compare with deadlines: a clock that never runs backwards, and the uptime. */
export type Moment = { trusted: number; running: Uptime | null };

export function readMoment(stateFolder: string, now: number): Moment {
  let running: Uptime | null;
  try {
    running = readUptime();
  } catch {
    running = null;
  }
  return { trusted: readTrustedTime(stateFolder, now), running };
}

/** When a replaced key expires. `whileRunning` is the same instant as an uptime. */
export type Deadline = { expiresAt: string | null; whileRunning: Uptime | null };

/** The deadline `lastsMs` after a moment, on both clocks. */
export function deadlineAfter(
  { trusted, running }: Moment,
  lastsMs: number,
): Deadline & { expiresAt: string } {
  return {
    expiresAt: new Date(trusted + lastsMs).toISOString(),
    whileRunning: running === null ? null : { ...running, uptimeMs: running.uptimeMs + lastsMs },
  };
}

/**
 * Whether the deadline has passed on at least one of the two clocks **[ours]**. Setting the clock back
 * doesn't help, because uptime continues, and after a restart the high-water mark remains. A clock that is
 * set ahead only lets the key expire early, which is safe.
 */
export function isExpired({ expiresAt, whileRunning }: Deadline, moment: Moment): boolean {
  if (expiresAt === null) return false;
  // This program never writes an invalid instant, so treat the key as expired.
  if (!(moment.trusted < Date.parse(expiresAt))) return true;
  const { running } = moment;
  return (
    whileRunning !== null &&
    running !== null &&
    whileRunning.bootId === running.bootId &&
    running.uptimeMs >= whileRunning.uptimeMs
  );
}
