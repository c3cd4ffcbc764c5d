import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { instantSchema } from '../../src-shared/model/time.ts';
import { writeFileAtomically } from './atomicFile.ts';

const clockSchema = z.strictObject({ format: z.literal(1), highWater: instantSchema });

/** Steps of a time service and races between commands stay below this; more is a clock that ran back **[ours]**. */
const toleranceMs = 2_000;
/** The mark is written no more often than this, so that a polled command does not wear the disk **[ours]**. */
const stepMs = 60_000;

export type ClockReading = {
  /** Never before the latest time that was ever seen: what licences are judged by. Epoch milliseconds. */
  trusted: number;
  /** Set while the machine's clock is behind the high-water mark. */
  ranBackFrom: string | null;
};

/** Reads the machine's clock against its high-water mark, and raises the mark where this user may. */
export async function readClock(stateFolder: string, now: number): Promise<ClockReading> {
  const path = join(stateFolder, 'clock.json');
  const highWater = await readHighWater(path);
  if (highWater !== null && now < highWater - toleranceMs)
    return { trusted: highWater, ranBackFrom: new Date(highWater).toISOString() };
  if (highWater === null || now >= highWater + stepMs) {
    const data = `${JSON.stringify({ format: 1, highWater: new Date(now).toISOString() })}\n`;
    // An unprivileged `ke_status` can read the mark but not raise it; the next privileged command does.
    await writeFileAtomically({ path, data, mode: 0o644 }).catch(() => undefined);
  }
  return { trusted: Math.max(now, highWater ?? now), ranBackFrom: null };
}

async function readHighWater(path: string): Promise<number | null> {
  try {
    return Date.parse(clockSchema.parse(JSON.parse(await readFile(path, 'utf8'))).highWater);
  } catch {
    return null;
  }
}
