import { expect, test } from 'vitest';
import { readQueryTime } from './queryTime.ts';

const now = Date.parse('2026-11-20T08:00:00.000Z');
const berlin = { now, timeZone: 'Europe/Berlin' };

function read(text: string, clock = berlin, after: number | null = null): string | null {
  const span = readQueryTime(text, clock, after);
  return span === null ? null : `${new Date(span.start).toISOString()} ${span.end - span.start}`;
}

test.each([
  ['2026-11-20', '2026-11-19T23:00:00.000Z 86400000'],
  ['2026-11-20T03:10', '2026-11-20T02:10:00.000Z 60000'],
  ['2026-11-20 03:10:05', '2026-11-20T02:10:05.000Z 1000'],
  ['2026-11-20T03:10:05.25', '2026-11-20T02:10:05.250Z 10'],
  ['2026-11-20T03:10Z', '2026-11-20T03:10:00.000Z 60000'],
  ['2026-11-20t03:10:05.125-05:30', '2026-11-20T08:40:05.125Z 1'],
  ['1970-01-01T00:00Z', '1970-01-01T00:00:00.000Z 60000'],
  ['2100-02-28', '2100-02-27T23:00:00.000Z 86400000'],
  ['03:10', '2026-11-20T02:10:00.000Z 60000'],
  ['9:00', '2026-11-20T08:00:00.000Z 60000'],
  ['09:01', '2026-11-19T08:01:00.000Z 60000'],
  ['03:10:07', '2026-11-20T02:10:07.000Z 1000'],
  ['today', '2026-11-19T23:00:00.000Z 86400000'],
  ['Yesterday', '2026-11-18T23:00:00.000Z 86400000'],
  ['now', '2026-11-20T08:00:00.000Z 1'],
  ['-90s', '2026-11-20T07:58:30.000Z 1'],
  ['-2h', '2026-11-20T06:00:00.000Z 1'],
  ['-1w', '2026-11-13T08:00:00.000Z 1'],
])('when the time is %s, reads it in the zone of the clock', (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  '',
  '2026-13-01',
  '2026-02-30',
  '2100-02-29',
  '24:00',
  '3:60',
  '-5',
  '-1y',
  'soon',
  '-999999w',
  '9999-12-31T23:59:59Z',
  '2026',
  '2026-11-20T3:10',
])('when the text is %j, it is no time', (text) => {
  expect(read(text)).toBeNull();
});

test('when clocks change, a day has 23 or 25 hours and a time of day keeps its name', () => {
  const spring = { now: Date.parse('2026-03-29T10:00:00Z'), timeZone: 'Europe/Berlin' };
  expect(read('today', spring)).toBe(`2026-03-28T23:00:00.000Z ${23 * 3_600_000}`);
  expect(read('yesterday', spring)).toBe(`2026-03-27T23:00:00.000Z ${24 * 3_600_000}`);
  expect(read('03:30', spring)).toBe('2026-03-29T01:30:00.000Z 60000');
  expect(read('02:30', spring)).toBe('2026-03-29T01:30:00.000Z 60000');
  expect(read('2026-10-25', berlin)).toBe(`2026-10-24T22:00:00.000Z ${25 * 3_600_000}`);
});

test('when a time of day ends a range, it is the first one after the start', () => {
  const start = Date.parse('2026-11-19T21:00:00Z');
  expect(read('03:00', berlin, start)).toBe('2026-11-20T02:00:00.000Z 60000');
  expect(read('23:00', berlin, start)).toBe('2026-11-19T22:00:00.000Z 60000');
});

test.each(['UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Auckland'])(
  'when the zone is %s, a local time is read in it',
  (timeZone) => {
    const shown = new Intl.DateTimeFormat('sv-SE', {
      timeZone,
      dateStyle: 'short',
      timeStyle: 'medium',
    }).format(now);
    expect(readQueryTime(shown, { now, timeZone })?.start).toBe(now);
  },
);
