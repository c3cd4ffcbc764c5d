import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';

/*
 * Deadlines of keys are judged on the log-in path too, so this file imports nothing that takes time to load (no zod).
 */

/** How long which boot of the machine lasts; counted by the kernel, no setting of the clock changes it. */
export type Running = { bootId: string; uptimeMs: number };

export function readRunning(): Running {
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return { bootId, uptimeMs: Math.round(uptime() * 1000) };
}

export function clockPath(stateFolder: string): string {
  return join(stateFolder, 'clock.json');
}

/** Never before the high-water mark. A mark that is missing or damaged takes nothing from the machine's own clock. */
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

/** What deadlines are compared with: a clock that does not run back, and the time that really passed. */
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

/** Until when a replaced key is good. `whileRunning` is the same instant on the kernel's own count. */
export type Deadline = { expiresAt: string | null; whileRunning: Running | null };

/**
 * Whichever comes first **[ours]**: a clock that is set back during this boot gains a key nothing, since the kernel
 * counts on; over a restart only the high-water mark is known. A clock set ahead ends the key early, which is safe.
 */
export function isExpired({ expiresAt, whileRunning }: Deadline, moment: Moment): boolean {
  if (expiresAt === null) return false;
  // What is no instant was never written by us: such a key is not good for any time.
  if (!(moment.trusted < Date.parse(expiresAt))) return true;
  const { running } = moment;
  return (
    whileRunning !== null &&
    running !== null &&
    whileRunning.bootId === running.bootId &&
    running.uptimeMs >= whileRunning.uptimeMs
  );
}
