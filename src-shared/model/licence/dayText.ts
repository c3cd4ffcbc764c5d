import { localDayOf, startOfDay, type Day } from './calendar.ts';

const weekdayFormat = new Intl.DateTimeFormat('en-GB', { weekday: 'short', timeZone: 'UTC' });
const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** E.g. `27 Nov`, and with the year if `now` is in another one. */
export function formatDay(day: Day, now: number): string {
  const text = dayFormat.format(startOfDay(day));
  return day.slice(0, 4) === localDayOf(now).slice(0, 4) ? text : `${text} ${day.slice(0, 4)}`;
}

/** E.g. `Fri 27 Nov`. */
export function formatWeekday(day: Day, now: number): string {
  return `${weekdayFormat.format(startOfDay(day))} ${formatDay(day, now)}`;
}
