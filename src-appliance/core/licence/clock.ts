import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { instantSchema, minuteMs, secondMs } from '../../../src-shared/base/time.ts';
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

export type ClockReading = {
  /**
   * The machine's clock, but never before the high-water mark, epoch ms. Licences are evaluated at this time.
   */
  trusted: number;
  /** The high-water mark if the machine's clock is behind it. Otherwise null. */
  ranBackFrom: string | null;
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
    return { trusted: now, ranBackFrom: null, damage };
  }
  const { highWater, setAt } = mark ?? { highWater: null, setAt: null };
  if (highWater !== null && now < highWater - toleranceMs)
    return { trusted: highWater, ranBackFrom: new Date(highWater).toISOString(), damage: null };
  const uptime = running ?? readUptime();
  const elapsedMs =
    setAt !== null && setAt.bootId === uptime.bootId ? uptime.uptimeMs - setAt.uptimeMs : Infinity;
  const next = highWater === null ? now : Math.min(now, highWater + elapsedMs + toleranceMs);
  if (highWater === null || next >= highWater + stepMs) {
    const newMark = { format: 1, highWater: new Date(next).toISOString(), setAt: uptime };
    // `ke_status` may run without the right to write the mark. The next privileged command then raises the
    // mark.
    try {
      replaceFile({ path, data: `${JSON.stringify(newMark)}\n`, mode: 0o644, isDurable: true });
    } catch {
      // Expected without root rights, see above.
    }
  }
  return { trusted: Math.max(now, highWater ?? now), ranBackFrom: null, damage: null };
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
