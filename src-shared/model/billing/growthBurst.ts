import { z } from 'zod';
import { dayMs } from '../../base/time.ts';

/** A few days with most of the growth of a month. `from` and `to`: the first and the last of these days. */
export const growthBurstSchema = z.object({ from: z.iso.date(), to: z.iso.date(), count: z.int() });
export type GrowthBurst = z.infer<typeof growthBurstSchema>;

const maxBurstDays = 3;
/** Fewer accounts are no burst **[ours]**. */
const minBurst = 5;

const dayNumber = (day: string) => Math.round(Date.parse(`${day}T00:00:00.000Z`) / dayMs);
const dayAfter = (day: string) => new Date((dayNumber(day) + 1) * dayMs).toISOString().slice(0, 10);

/**
 * The at most three days in which more than half of the growth happened, and at least twice as much as on others on the
 * average. Null if there are none. `days`: counts at the end of each day, oldest first.
 */
export function findGrowthBurst(days: readonly { day: string; count: number }[]): GrowthBurst | null {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return null;
  const growth = last.count - first.count;
  let best: (GrowthBurst & { length: number }) | null = null;
  for (const [at, start] of days.entries())
    for (const end of days.slice(at + 1, at + 1 + maxBurstDays)) {
      const length = dayNumber(end.day) - dayNumber(start.day);
      const count = end.count - start.count;
      if (length > maxBurstDays || count < minBurst) continue;
      if (best === null || count > best.count || (count === best.count && length < best.length))
        best = { from: dayAfter(start.day), to: end.day, count, length };
    }
  if (best === null) return null;
  const { length, ...burst } = best;
  const span = dayNumber(last.day) - dayNumber(first.day);
  const isMost = 2 * burst.count > growth;
  const isDense = burst.count * span >= 2 * growth * length;
  return isMost && isDense ? burst : null;
}
