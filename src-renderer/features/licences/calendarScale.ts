import { dayOf, startOfDay } from '../../../src-shared/model/licence/calendar.ts';
import { dayMs } from '../../../src-shared/base/time.ts';

export type Scale = {
  from: number;
  to: number;
  /** The place of an instant as a percentage; outside 0 to 100 if it is not shown. */
  percentAt: (instant: number) => number;
  months: { start: number; label: string }[];
};

const monthFormat = new Intl.DateTimeFormat('en-GB', { month: 'short', timeZone: 'UTC' });

/** The time that the calendar shows: `months` months, of which the first tenth has passed. */
export function calendarScale(now: number, months: number): Scale {
  const length = months * 30.4 * dayMs;
  const from = startOfDay(dayOf(now)) - Math.round(length * 0.08);
  const to = from + length;
  const starts: Scale['months'] = [];
  const first = new Date(from);
  for (let index = 0; ; index += 1) {
    const start = Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + index);
    if (start >= to) break;
    const date = new Date(start);
    const isYearShown = date.getUTCMonth() === 0 || index === (start < from ? 1 : 0);
    const isLabelled = months <= 12 || date.getUTCMonth() % 3 === 0;
    const name = `${monthFormat.format(date)}${isYearShown ? ` ${date.getUTCFullYear()}` : ''}`;
    starts.push({ start: Math.max(start, from), label: isLabelled ? name : '' });
  }
  return { from, to, months: starts, percentAt: (instant) => ((instant - from) / length) * 100 };
}
