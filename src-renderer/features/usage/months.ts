import { usageKeptMonths } from '../../../src-shared/model/usage/usageReport.ts';

const monthName = new Intl.DateTimeFormat('en-GB', { month: 'long', timeZone: 'UTC' });

const startOf = (month: string) => new Date(`${month}-01T00:00:00.000Z`);

/** `November` */
export const nameMonth = (month: string): string => monthName.format(startOf(month));

/** `November 2026` */
export const nameMonthAndYear = (month: string): string => `${nameMonth(month)} ${month.slice(0, 4)}`;

/** The month that contains `now` (epoch ms, in UTC), and those before it for which reports can be made, newest first. */
export function listMonths(now: number): string[] {
  const date = new Date(now);
  return Array.from({ length: usageKeptMonths + 1 }, (_, back) =>
    new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - back)).toISOString().slice(0, 7),
  );
}
