import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { dayMs, instantSchema, minuteMs, secondMs } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { isMissing } from '../state/fileErrors.ts';
import { uptimeSchema } from '../state/uptimeSchema.ts';
import { clockPath, readUptime, type Uptime } from './moment.ts';
import { replaceFile } from '../../../src-shared/node/files.ts';

const clockSchema = z.strictObject({
  format: z.literal(1),
  highWater: instantSchema,
  /** When the mark was set, as the machine's uptime, which users can't change. */
  setAt: uptimeSchema.optional(),
});
type Mark = { highWater: number; setAt: Uptime | null };

/**
 * A smaller step back is ignored: it may be a correction of the clock, or two commands that run at the same
 * time. A larger step means that the clock ran backwards **[ours]**.
 */
const toleranceMs = 2 * secondMs;
/**
 * Minimum time between two writes of the mark, so that frequent polling doesn't wear out the disk **[ours]**.
 */
const stepMs = minuteMs;
/**
 * A clock that is further ahead than the uptime explains was set ahead, and so was a mark that is further ahead than the
 * licence authority's time. Smaller differences are corrections **[ours]**.
 */
const maxAheadMs = dayMs;

export type ClockReading = {
  /** The machine's clock, epoch ms. */
  now: number;
  /**
   * The machine's clock, but never before the high-water mark, epoch ms. Licences are evaluated at this time.
   */
  trusted: number;
  /** The high-water mark if the machine's clock is behind it. Otherwise null. */
  ranBackFrom: string | null;
  /** What the clock should show, if it was set ahead by more than a day since the machine started. Otherwise null. */
  aheadOf: string | null;
  /**
   * Why the mark is unusable, or null. A damaged mark is not replaced, so that an administrator can inspect
   * it.
   */
  damage: string | null;
};

/**
 * Compares the machine's clock with its high-water mark and raises the mark if this user may. Within one
 * boot, the mark rises only as fast as uptime, so a clock that was set ahead has no lasting effect. After a
 * restart, the clock is trusted, because the elapsed time is unknown **[ours]**.
 */
export async function readClock(stateFolder: string, now: number, running?: Uptime): Promise<ClockReading> {
  const path = clockPath(stateFolder);
  const mark = await readMark(path);
  if (mark === 'damaged') {
    const damage = `${path} is damaged; check the machine’s clock, then remove the file`;
    return { now, trusted: now, ranBackFrom: null, aheadOf: null, damage };
  }
  const { highWater, setAt } = mark ?? { highWater: null, setAt: null };
  if (highWater !== null && now < highWater - toleranceMs)
    return {
      now,
      trusted: highWater,
      ranBackFrom: new Date(highWater).toISOString(),
      aheadOf: null,
      damage: null,
    };
  const uptime = running ?? readUptime();
  const elapsedMs =
    setAt !== null && setAt.bootId === uptime.bootId ? uptime.uptimeMs - setAt.uptimeMs : Infinity;
  const next = highWater === null ? now : Math.min(now, highWater + elapsedMs + toleranceMs);
  if (highWater === null || next >= highWater + stepMs) {
    // `ke_status` may run without the right to write the mark. The next privileged command then raises the
    // mark.
    try {
      replaceFile({ ...clockFile(stateFolder, next, uptime), isDurable: true });
    } catch {
      // Expected without root rights, see above.
    }
  }
  return {
    now,
    trusted: Math.max(now, highWater ?? now),
    ranBackFrom: null,
    aheadOf: now > next + maxAheadMs ? new Date(next).toISOString() : null,
    damage: null,
  };
}

/** The high-water mark as a file. */
function clockFile(stateFolder: string, highWater: number, setAt: Uptime) {
  const mark = { format: 1, highWater: new Date(highWater).toISOString(), setAt };
  return { path: clockPath(stateFolder), data: `${JSON.stringify(mark)}\n`, mode: 0o644 };
}

/** Why no deadline may be computed from the reading, or null. */
function describeUncertainty({ now, ranBackFrom, aheadOf, damage }: ClockReading): string | null {
  if (damage !== null) return damage;
  const shown = new Date(now).toISOString();
  if (aheadOf !== null)
    return `the clock shows ${shown} and was set ahead; by the uptime it should show ${aheadOf}; correct it, or restart the machine if it is right`;
  if (ranBackFrom !== null && Date.parse(ranBackFrom) > now + maxAheadMs)
    return `the clock shows ${shown}, but has shown ${ranBackFrom} before; correct it, or renew the licence if it is right`;
  return null;
}

/**
 * The time for what can't be undone, e.g. a deletion, epoch ms. Throws COMMAND_FAILED while the clock is known to be wrong by
 * more than a day, or its mark is damaged **[ours]**.
 */
export function requireKnownTime(clock: ClockReading): number {
  const reason = describeUncertainty(clock);
  if (reason !== null) throw new AppError('COMMAND_FAILED', `nothing was changed; ${reason}`);
  return clock.trusted;
}

/**
 * The only way to lower the high-water mark: the licence authority's own time. Its answer was signed after the request was
 * made, so no more time has passed since than since the request. Null if the mark needs no correction, if the machine was
 * restarted since the request, or while its clock is still ahead of the authority's **[ours]**.
 */
export function planClockReset(
  clock: ClockReading,
  answer: { issuedAt: string; requestedAt: Uptime | null },
  running: Uptime = readUptime(),
): { reading: ClockReading; fileIn: (stateFolder: string) => ReturnType<typeof clockFile> } | null {
  const { requestedAt } = answer;
  if (requestedAt?.bootId !== running.bootId) return null;
  const latest = Date.parse(answer.issuedAt) + running.uptimeMs - requestedAt.uptimeMs;
  if (clock.trusted <= latest + maxAheadMs || clock.now > latest + maxAheadMs) return null;
  const trusted = Math.max(clock.now, latest);
  return {
    reading: { ...clock, trusted, ranBackFrom: null, aheadOf: null },
    fileIn: (stateFolder) => clockFile(stateFolder, latest, running),
  };
}

/** Null if no mark was written yet. */
async function readMark(path: string): Promise<Mark | 'damaged' | null> {
  try {
    const { highWater, setAt } = clockSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    return { highWater: Date.parse(highWater), setAt: setAt ?? null };
  } catch (error) {
    return isMissing(error) ? null : 'damaged';
  }
}
