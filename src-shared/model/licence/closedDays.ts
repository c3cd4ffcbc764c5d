/** Days without work, each year or in one year. `first` and `last` are `MM-DD` or `YYYY-MM-DD`. */
export type ClosedRange = { first: string; last: string; text: string };

const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const maxRanges = 50;

const twoDigits = (number: number) => String(number).padStart(2, '0');

/** `24 Dec` and `24 December` each year, or `2026-12-24` in one year; null if it is no such day. */
function readDay(text: string): string | null {
  const yearly = /^(\d{1,2})\s+([a-z]{3,9})\.?$/iu.exec(text);
  if (yearly === null) return /^\d{4}-\d\d-\d\d$/u.test(text) && isRealDay(text) ? text : null;
  const [, day = '', name = ''] = yearly;
  const month = months.findIndex((known) => known.startsWith(name.toLowerCase()));
  if (month === -1) return null;
  const monthDay = `${twoDigits(month + 1)}-${day.padStart(2, '0')}`;
  // 29 Feb exists in some years.
  return isRealDay(`2024-${monthDay}`) ? monthDay : null;
}

function isRealDay(day: string): boolean {
  const start = Date.parse(`${day}T00:00:00.000Z`);
  return !Number.isNaN(start) && new Date(start).toISOString().startsWith(day);
}

function readRange(text: string): ClosedRange | null {
  const [from = '', to = from, ...rest] = text.split(/\s*(?:–|—|\bto\b|\s-\s|(?<=[a-z.])-)\s*/iu);
  const [first, last] = [readDay(from.trim()), readDay(to.trim())];
  if (first === null || last === null || rest.length > 0 || first.length !== last.length) return null;
  if (first.length > 5 && first > last) return null;
  return { first, last, text: from === to ? from : `${from.trim()} – ${to.trim()}` };
}

/**
 * Reads days such as `24 Dec – 3 Jan, 1 May, 2027-05-17 – 2027-05-21`; null if a part is no day or range. Days
 * without a year are closed each year.
 */
export function parseClosedDays(text: string): ClosedRange[] | null {
  const parts = text.split(/[,;\n]/u).filter((part) => part.trim() !== '');
  if (parts.length > maxRanges) return null;
  const ranges = parts.map((part) => readRange(part.trim()));
  return ranges.some((range) => range === null) ? null : ranges.flatMap((range) => range ?? []);
}

/** The first range that contains a day such as `2026-12-24`. */
export function findClosed(day: string, ranges: readonly ClosedRange[]): ClosedRange | null {
  const contains = ({ first, last }: ClosedRange): boolean => {
    const compared = day.slice(-first.length);
    // A range over the end of the year has its last day before its first.
    return first <= last ? first <= compared && compared <= last : compared >= first || compared <= last;
  };
  return ranges.find(contains) ?? null;
}
