import { usageKeptMonths } from '../../../src-shared/model/usage/usageReport.ts';

const monthName = new Intl.DateTimeFormat('en-GB', { month: 'long', timeZone: 'UTC' });

const startOf = (month: string) => new Date(`${month}-01T00:00:00.000Z`);

/** `November` */
export const nameMonth = (month: string): string => monthName.format(startOf(month));

/** `November 2026` */
export const nameMonthAndYear = (month: string): string => `${nameMonth(month)} ${month.slice(0, 4)}`;

/** `30 Nov` of a day such as 2026-11-30. */
export function nameDay(day: string): string {
  return `${Number(day.slice(8, 10))} ${nameMonth(day.slice(0, 7)).slice(0, 3)}`;
}

/** The last day of a month: `2026-11-30`. */
export function lastDayOf(month: string): string {
  const start = startOf(month);
  const last = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 0));
  return last.toISOString().slice(0, 10);
}

/** The month that contains `now` (epoch ms, in UTC), and those before it for which reports can be made, newest first. */
export function listMonths(now: number): string[] {
  const date = new Date(now);
  return Array.from({ length: usageKeptMonths + 1 }, (_, back) =>
    new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - back)).toISOString().slice(0, 7),
  );
}
