import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { instantSchema, minuteMs, secondMs } from '../../../src-shared/base/time.ts';
import { isMissing } from '../state/fileErrors.ts';
import { clockPath, readRunning, type Running } from './moment.ts';
import { replaceFile } from '../../../src-shared/node/files.ts';

const clockSchema = z.strictObject({
  format: z.literal(1),
  highWater: instantSchema,
  /** When the mark was set, on a clock that users can't change. */
  setAt: z.strictObject({ bootId: z.string(), uptimeMs: z.number().nonnegative() }).optional(),
});
type Mark = { highWater: number; setAt: Running | null };

/**
 * Corrections by a time service and races between commands are smaller than this. A larger step means that the clock
 * ran backwards **[ours]**.
 */
const toleranceMs = 2 * secondMs;
/** The mark is written at most this often, so that frequent polling does not wear the disk **[ours]**. */
const stepMs = minuteMs;

export type ClockReading = {
  /** Never before the high-water mark. Licences are evaluated at this time. Epoch milliseconds. */
  trusted: number;
  /** Set while the machine's clock is behind the high-water mark. */
  ranBackFrom: string | null;
  /**
   * Why the mark is unusable; null if it is usable. A damaged mark is kept, so that an administrator can inspect it.
   */
  damage: string | null;
};

/**
 * Compares the machine's clock with its high-water mark, and raises the mark if this user may. While the machine runs,
 * the mark rises no faster than time passes, so a clock that was once set ahead affects the licence only until it is
 * corrected. Across a restart the elapsed time is unknown, so the clock is trusted **[ours]**.
 */
export async function readClock(stateFolder: string, now: number, running?: Running): Promise<ClockReading> {
  const path = clockPath(stateFolder);
  const mark = await readMark(path);
  if (mark === 'damaged') {
    const damage = `${path} is damaged; check the machine's clock, then remove the file`;
    return { trusted: now, ranBackFrom: null, damage };
  }
  const { highWater, setAt } = mark ?? { highWater: null, setAt: null };
  if (highWater !== null && now < highWater - toleranceMs)
    return { trusted: highWater, ranBackFrom: new Date(highWater).toISOString(), damage: null };
  const here = running ?? readRunning();
  const passed = setAt !== null && setAt.bootId === here.bootId ? here.uptimeMs - setAt.uptimeMs : Infinity;
  const next = highWater === null ? now : Math.min(now, highWater + passed + toleranceMs);
  if (highWater === null || next >= highWater + stepMs) {
    const raised = { format: 1, highWater: new Date(next).toISOString(), setAt: here };
    // An unprivileged `ke_status` can read the mark but not raise it; the next privileged command raises it.
    try {
      replaceFile({ path, data: `${JSON.stringify(raised)}\n`, mode: 0o644, isDurable: true });
    } catch {
      // See the comment above.
    }
  }
  return { trusted: Math.max(now, highWater ?? now), ranBackFrom: null, damage: null };
}

/** Null before the first reading. */
async function readMark(path: string): Promise<Mark | 'damaged' | null> {
  try {
    const { highWater, setAt } = clockSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    return { highWater: Date.parse(highWater), setAt: setAt ?? null };
  } catch (error) {
    return isMissing(error) ? null : 'damaged';
  }
}
