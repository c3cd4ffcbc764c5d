import {
  addDays,
  asWallTime,
  localDayOf,
  startOfDay,
  type Day,
} from '../../../src-shared/model/licence/calendar.ts';
import { findClosed, type ClosedRange } from '../../../src-shared/model/licence/closedDays.ts';
import { dayMs } from '../../../src-shared/base/time.ts';

export type Scale = {
  from: number;
  to: number;
  /** The place of a time on the wall as a percentage; outside 0 to 100 if it is not shown. */
  percentAt: (wallTime: number) => number;
  /** The place of now. */
  today: number;
  /** `width`: the room of the label, up to the next one, as a percentage. */
  months: { start: number; label: string; width: number }[];
};

const monthFormat = new Intl.DateTimeFormat('en-GB', { month: 'short', timeZone: 'UTC' });

/**
 * The time that the calendar shows: `months` months, of which the first eighth has passed. It is the time on this
 * computer’s wall, so that days begin where people see them begin.
 */
export function calendarScale(now: number, months: number): Scale {
  const length = months * 30.4 * dayMs;
  const from = startOfDay(localDayOf(now)) - Math.round(length * 0.125);
  const to = from + length;
  const percentAt = (wallTime: number) => ((wallTime - from) / length) * 100;
  const starts: { start: number; label: string }[] = [];
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
  const today = percentAt(asWallTime(now));
  return { from, to, months: giveRoom(starts, percentAt), percentAt, today };
}

/** Adds the room of each label. */
function giveRoom(
  starts: readonly { start: number; label: string }[],
  percentAt: Scale['percentAt'],
): Scale['months'] {
  return starts.map(({ start, label }, at) => {
    const next = starts.slice(at + 1).find((later) => later.label !== '');
    return { start, label, width: (next === undefined ? 100 : percentAt(next.start)) - percentAt(start) };
  });
}

/** The closed days that a scale shows, as spans of wall time. */
export function closedSpans(
  { from, to }: Scale,
  closed: readonly ClosedRange[],
): { from: number; to: number }[] {
  const spans: { from: number; to: number }[] = [];
  if (closed.length === 0) return spans;
  for (
    let day: Day = new Date(from).toISOString().slice(0, 10);
    startOfDay(day) < to;
    day = addDays(day, 1)
  ) {
    if (findClosed(day, closed) === null) continue;
    const start = startOfDay(day);
    const last = spans.at(-1);
    if (last?.to === start) last.to = start + dayMs;
    else spans.push({ from: start, to: start + dayMs });
  }
  return spans;
}
