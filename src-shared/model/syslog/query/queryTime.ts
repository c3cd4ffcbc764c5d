import { dayMs, hourMs, minuteMs, secondMs } from '../../../base/time.ts';

/** What times in a query refer to. `now` is in epoch milliseconds; `timeZone` is a name like `Europe/Berlin`. */
export type QueryClock = { now: number; timeZone: string };

/** The time that a text names: from its first millisecond to the first one after it. */
export type TimeSpan = { start: number; end: number };

const unitMs: Readonly<Record<string, number>> = {
  s: secondMs,
  m: minuteMs,
  h: hourMs,
  d: dayMs,
  w: 7 * dayMs,
};

/** The forms of a time, for messages. */
export const timeForms =
  'a date (2026-11-20), a date and time (2026-11-20T03:10), a time of day (03:10), today, yesterday, now or a time ago (-30m, -2h, -7d)';

const datePattern =
  /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})(?:[T ](?<hour>\d{2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,3}))?)?(?<zone>Z|[+-]\d{2}:?\d{2})?)?$/iu;
const dayTimePattern = /^(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2}))?$/u;
const agoPattern = /^-(?<count>\d{1,6})(?<unit>[smhdw])$/iu;

type Parts = readonly [
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
];

/** Epoch milliseconds of a time in UTC; null if there is no such time. */
function utcOf([year, month, day, hour, minute, second]: Parts): number | null {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const isReal =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute;
  return isReal ? date.getTime() : null;
}

/** How far the zone's clock is ahead of UTC at an instant, in milliseconds. */
function zoneOffsetAt(instant: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'longOffset' }).formatToParts(
    instant,
  );
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const match = /([+-])(\d{2}):(\d{2})(?::(\d{2}))?/u.exec(name);
  if (match === null) return 0;
  const [, sign, hours, minutes, seconds = '0'] = match;
  const offset = Number(hours) * hourMs + Number(minutes) * minuteMs + Number(seconds) * secondMs;
  return sign === '-' ? -offset : offset;
}

/** Epoch milliseconds of a local time. A time that the clocks skip is taken as if they had not changed yet. */
function localToEpoch(utc: number, timeZone: string): number {
  const guess = utc - zoneOffsetAt(utc, timeZone);
  return utc - zoneOffsetAt(guess, timeZone);
}

function readOffset(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const digits = zone.replace(':', '');
  const offset = Number(digits.slice(1, 3)) * hourMs + Number(digits.slice(3)) * minuteMs;
  return digits.startsWith('-') ? -offset : offset;
}

/** A day in the clock's zone, `shift` days from that of `instant`. It may have 23 or 25 hours. */
function dayOf(instant: number, shift: number, timeZone: string): TimeSpan {
  const local = instant + zoneOffsetAt(instant, timeZone);
  const midnight = local - (((local % dayMs) + dayMs) % dayMs) + shift * dayMs;
  return { start: localToEpoch(midnight, timeZone), end: localToEpoch(midnight + dayMs, timeZone) };
}

function readDate(groups: Record<string, string | undefined>, timeZone: string): TimeSpan | null {
  const part = (name: string) => Number(groups[name] ?? '0');
  const parts: Parts = [
    part('year'),
    part('month'),
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  ];
  const utc = utcOf(parts);
  if (utc === null) return null;
  const { hour, second, fraction, zone } = groups;
  const toEpoch = (local: number) =>
    zone === undefined ? localToEpoch(local, timeZone) : local - readOffset(zone);
  if (hour === undefined) return { start: toEpoch(utc), end: toEpoch(utc + dayMs) };
  if (fraction !== undefined) {
    const start = toEpoch(utc) + Number(fraction.padEnd(3, '0'));
    return { start, end: start + 10 ** (3 - fraction.length) };
  }
  const start = toEpoch(utc);
  return { start, end: start + (second === undefined ? minuteMs : secondMs) };
}

/** The last time that the clock showed this time of day, or the first one after `after`. */
function readTimeOfDay(
  groups: Record<string, string | undefined>,
  { now, timeZone }: QueryClock,
  after: number | null,
): TimeSpan | null {
  const [hour, minute, second] = [groups['hour'], groups['minute'], groups['second'] ?? '0'].map(Number);
  if (hour === undefined || minute === undefined || second === undefined) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  const sinceMidnight = hour * hourMs + minute * minuteMs + second * secondMs;
  const shifts = after === null ? [0, -1] : [0, 1];
  const starts = shifts.map((shift) => {
    const base = after ?? now;
    const local = base + zoneOffsetAt(base, timeZone);
    const midnight = local - (((local % dayMs) + dayMs) % dayMs) + shift * dayMs;
    return localToEpoch(midnight + sinceMidnight, timeZone);
  });
  const start = starts.find((value) => (after === null ? value <= now : value >= after));
  if (start === undefined) return null;
  return { start, end: start + (groups['second'] === undefined ? minuteMs : secondMs) };
}

function readAnyTime(
  text: string,
  clock: QueryClock,
  after: number | null,
): (TimeSpan & { isAgo: boolean }) | null {
  const lower = text.toLowerCase();
  const ago = agoPattern.exec(text)?.groups;
  if (lower === 'now' || ago !== undefined) {
    const distance = Number(ago?.['count'] ?? 0) * (unitMs[ago?.['unit']?.toLowerCase() ?? 's'] ?? 0);
    const start = clock.now - distance;
    return { start, end: start + 1, isAgo: true };
  }
  if (lower === 'today' || lower === 'yesterday')
    return { ...dayOf(clock.now, lower === 'today' ? 0 : -1, clock.timeZone), isAgo: false };
  const date = datePattern.exec(text)?.groups;
  const dayTime = dayTimePattern.exec(text)?.groups;
  const span =
    date !== undefined
      ? readDate(date, clock.timeZone)
      : dayTime === undefined
        ? null
        : readTimeOfDay(dayTime, clock, after);
  return span === null ? null : { ...span, isAgo: false };
}

/** Times that have a year of four digits, so that they can be printed and read again. */
const firstTime = Date.parse('0000-01-01T00:00:00.000Z');
const lastTime = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Reads a time. Times without a zone are in the clock's zone. A time of day is its last occurrence, or with `after` (epoch
 * milliseconds) the first one from then on. `isAgo`: the text names a distance from now. Null if it is no time.
 */
export function readQueryTime(
  text: string,
  clock: QueryClock,
  after: number | null = null,
): (TimeSpan & { isAgo: boolean }) | null {
  const span = readAnyTime(text, clock, after);
  return span !== null && span.start >= firstTime && span.end <= lastTime ? span : null;
}
