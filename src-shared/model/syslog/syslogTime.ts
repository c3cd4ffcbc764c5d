import { dayMs, hourMs, minuteMs, secondMs } from '../../base/time.ts';

/** `year` is null if the stamp has none. `zoneMinutes` is null if the stamp has no zone. */
type Stamp = {
  year: number | null;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  milliseconds: number;
  zoneMinutes: number | null;
};

/**
 * How a time without year or zone is read. `receivedAt`: epoch milliseconds by the appliance's clock; for an old file,
 * when it was last written. `zoneOffsetMinutes`: minutes east of UTC, 0 by default.
 */
export type TimeContext = { receivedAt: number; zoneOffsetMinutes?: number };

/** How far a line without a year may be ahead of `receivedAt`, because clocks and zones may be wrong **[ours]**. */
const maxAheadMs = 7 * dayMs;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Hours east of UTC of zone names (RFC 2822, 4.3, and Europe). Other names are ambiguous. */
const zoneHours: Readonly<Record<string, number>> = {
  Z: 0,
  UT: 0,
  UTC: 0,
  GMT: 0,
  WET: 0,
  WEST: 1,
  CET: 1,
  CEST: 2,
  EET: 2,
  EEST: 3,
  EDT: -4,
  EST: -5,
  CDT: -5,
  CST: -6,
  MDT: -6,
  MST: -7,
  PDT: -7,
  PST: -8,
};

const clock = '(?<hour>\\d{1,2}):(?<minute>\\d{2}):(?<second>\\d{2})(?:[.,](?<fraction>\\d{1,9}))?';
const offset = '[+-]\\d{2}(?::?\\d{2})?';
/** RFC 3164, 4.1.2: `Nov  5 09:04:12`. Some daemons add the year; Cisco's devices also a mark of their clock. */
const bsdPattern = new RegExp(
  `^[*.]?(?:(?<yearBefore>\\d{4}) )?(?<month>[A-Z][a-z]{2}) {1,2}(?<day>\\d{1,2})(?: (?<year>\\d{4}))? ${clock}`,
  'u',
);
const isoPattern = new RegExp(
  `^(?<year>\\d{4})-(?<monthNumber>\\d{2})-(?<day>\\d{2})[Tt ]${clock}(?<zone>[Zz]|${offset})?`,
  'u',
);
const offsetPattern = new RegExp(`^${offset}$`, 'u');

/** Minutes east of UTC. Null if the text names no known zone. */
function readZone(text: string): number | null {
  if (text === 'Z' || text === '+00:00') return 0;
  if (offsetPattern.test(text)) {
    const digits = text.slice(1).replace(':', '').padEnd(4, '0');
    const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
    return Number(digits.slice(2)) < 60 && minutes <= 14 * 60
      ? text.startsWith('-')
        ? -minutes
        : minutes
      : null;
  }
  const hours = Object.hasOwn(zoneHours, text) ? zoneHours[text] : undefined;
  return hours === undefined ? null : (hours * hourMs) / minuteMs;
}

type Groups = Record<string, string | undefined>;

function readStamp(groups: Groups): Stamp {
  const part = (name: string) => Number(groups[name] ?? '0');
  const year = groups['yearBefore'] ?? groups['year'];
  const month = groups['month'];
  return {
    year: year === undefined ? null : Number(year),
    month: month === undefined ? part('monthNumber') - 1 : months.indexOf(month),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
    milliseconds: Number((groups['fraction'] ?? '').slice(0, 3).padEnd(3, '0')),
    zoneMinutes: readZone((groups['zone'] ?? '').toUpperCase()),
  };
}

/** Epoch milliseconds. NaN if there is no such day or time. */
function epochOf(stamp: Stamp, year: number, zoneMinutes: number): number {
  const { month, day, hour, minute, second, milliseconds } = stamp;
  if (month < 0 || month > 11 || hour > 23 || minute > 59 || second > 59) return Number.NaN;
  // Date.UTC would take years below 100 as years of the 20th century.
  const start = year < 100 ? new Date(0).setUTCFullYear(year, month, day) : Date.UTC(year, month, day);
  if (day < 1 || (day > 28 && new Date(start).getUTCDate() !== day)) return Number.NaN;
  return (
    start + hour * hourMs + minute * minuteMs + second * secondMs + milliseconds - zoneMinutes * minuteMs
  );
}

const twoDigits = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'));
/** The day of the last instant and its text, because nearly all lines are of the same day as the line before. */
let lastDay = { day: Number.NaN, text: '' };

/** The same text as `toISOString`, in half the time. */
function instant(milliseconds: number): string | null {
  if (!Number.isFinite(milliseconds)) return null;
  const day = Math.floor(milliseconds / dayMs);
  if (day !== lastDay.day) {
    const text = new Date(milliseconds).toISOString();
    // Years after 9999 have a sign and six digits, which the contract does not allow.
    if (text.length !== 24) return null;
    lastDay = { day, text: text.slice(0, 11) };
  }
  const ofDay = milliseconds - day * dayMs;
  const seconds = Math.floor(ofDay / secondMs);
  const fraction = String(ofDay % secondMs).padStart(3, '0');
  const [hour, minute, second] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${lastDay.text}${twoDigits[hour] ?? ''}:${twoDigits[minute] ?? ''}:${twoDigits[second] ?? ''}.${fraction}Z`;
}

function timeOf(stamp: Stamp, context: TimeContext): string | null {
  const zoneMinutes = stamp.zoneMinutes ?? context.zoneOffsetMinutes ?? 0;
  if (stamp.year !== null) return instant(epochOf(stamp, stamp.year, zoneMinutes));
  // RFC 3164 has no year. A line is in the past, so it is from the last year that makes it so: a line of 31 December
  // that is read on 1 January is from last year.
  const latest = context.receivedAt + maxAheadMs;
  const year = new Date(latest).getUTCFullYear();
  const past = [year + 1, year, year - 1].find(
    (candidate) => epochOf(stamp, candidate, zoneMinutes) <= latest,
  );
  return past === undefined ? null : instant(epochOf(stamp, past, zoneMinutes));
}

/** A TIMESTAMP of RFC 5424. Null if it is not valid. */
export function readTimestamp(text: string): string | null {
  const match = isoPattern.exec(text);
  if (match === null || match[0].length !== text.length) return null;
  const stamp = readStamp(match.groups ?? {});
  return stamp.zoneMinutes === null && match.groups?.['zone'] !== undefined
    ? null
    : timeOf(stamp, { receivedAt: 0 });
}

/**
 * What may follow the time: a year, a zone, and a colon if there is no host. The name of a zone is one only if a host
 * or a colon follows, because it may be the host's name.
 */
const afterPattern = new RegExp(
  `^(?: (?<year>(?:19|20)\\d{2})(?=:? ))?(?: (?:(?<offset>${offset})|(?<zone>[A-Z]{1,5}(?=: )|(?:${Object.keys(zoneHours).join('|')})(?= \\S+ \\S+(?::(?: |$)|\\]:)))))?(?<end>: | )`,
  'u',
);

/**
 * The forms of nearly all lines, read without the search for years and zones after the time: those are followed by a host
 * that starts with a small letter, which begins no year and no zone.
 */
const usualPattern =
  /^(?:(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)|([A-Z][a-z]{2}) (?: (\d)|(\d\d)) (\d\d):(\d\d):(\d\d)) (?=[a-z])/u;

function readUsualTime(text: string, context: TimeContext): { time: string; rest: string } | null {
  const match = usualPattern.exec(text);
  if (match === null) return null;
  const [whole, year, monthNumber, isoDay, isoHour, isoMinute, isoSecond, fraction = '', zone, month = ''] =
    match;
  const [day, hour, minute, second] =
    year === undefined
      ? [match[10] ?? match[11], match[12], match[13], match[14]]
      : [isoDay, isoHour, isoMinute, isoSecond];
  const zoneMinutes = zone === undefined ? null : readZone(zone);
  if (zone !== undefined && zoneMinutes === null) return null;
  const stamp = {
    year: year === undefined ? null : Number(year),
    month: year === undefined ? months.indexOf(month) : Number(monthNumber) - 1,
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    milliseconds: fraction === '' ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0')),
    zoneMinutes,
  };
  const time = timeOf(stamp, context);
  return time === null ? null : { time, rest: text.slice(whole.length) };
}

/**
 * Reads the time at the start of a line: RFC 3164 or ISO 8601, with or without year, fraction and zone. Returns the text
 * after it, and whether a host may come next. Null if the line starts with no valid time, or with a time of an unknown zone.
 */
export function readLineTime(
  text: string,
  context: TimeContext,
): { time: string; rest: string; hasHost: boolean } | null {
  const usual = readUsualTime(text, context);
  if (usual !== null) return { ...usual, hasHost: true };
  // Cisco's devices may write a sequence number first.
  const start = /^\d{1,10}: (?=[*.]?(?:\d{4} )?[A-Z][a-z]{2} )/u.exec(text)?.[0].length ?? 0;
  const body = text.slice(start);
  const match = isoPattern.exec(body) ?? bsdPattern.exec(body);
  if (match === null) return null;
  const after = afterPattern.exec(body.slice(match[0].length));
  if (after === null) return null;
  const stamp = readStamp(match.groups ?? {});
  const { year, offset: written, zone } = after.groups ?? {};
  const zoneText = match.groups?.['zone'] ?? written ?? zone;
  const zoneMinutes = zoneText === undefined ? null : readZone(zoneText.toUpperCase());
  if (zoneText !== undefined && zoneMinutes === null) return null;
  if (year !== undefined && stamp.year !== null) return null;
  const time = timeOf(
    { ...stamp, zoneMinutes, year: year === undefined ? stamp.year : Number(year) },
    context,
  );
  const rest = body.slice(match[0].length + after[0].length);
  return time === null ? null : { time, rest, hasHost: after.groups?.['end'] === ' ' };
}
