import { AppError } from '../../errors.ts';
import { usageKeptMonths } from './usageReport.ts';
import { usageMonthSchema } from './usageSummary.ts';

export type UsageMonth = { month: string; from: number; to: number };

/** The month that contains `now` (epoch ms), in UTC. */
function monthOf(now: number): string {
  return new Date(now).toISOString().slice(0, 7);
}

/** The calendar month in UTC, as epoch ms. Throws INVALID_INPUT for another text. */
function readMonth(month: string): UsageMonth {
  if (!usageMonthSchema.safeParse(month).success)
    throw new AppError('INVALID_INPUT', '--month needs a month such as 2026-11');
  const [year = 0, number = 0] = month.split('-').map(Number);
  return { month, from: Date.UTC(year, number - 1), to: Date.UTC(year, number) };
}

/** The month before, in UTC. */
export function monthBefore(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 2)).toISOString().slice(0, 7);
}

/**
 * Chooses the month of a report: the present one by default, and at most the 12 before it, for which reports are kept.
 * Throws INVALID_INPUT for another one, because no report of it can be made.
 */
export function chooseUsageMonth(given: string | undefined, now: number): UsageMonth {
  const present = readMonth(monthOf(now));
  if (given === undefined) return present;
  const chosen = readMonth(given);
  if (chosen.from > present.from)
    throw new AppError(
      'INVALID_INPUT',
      `${given} has not begun yet; the appliance’s month is ${present.month}`,
    );
  const start = new Date(present.from);
  const earliest = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() - usageKeptMonths);
  if (chosen.from < earliest)
    throw new AppError(
      'INVALID_INPUT',
      `${given} is too long ago; the earliest month is ${monthOf(earliest)}`,
    );
  return chosen;
}
