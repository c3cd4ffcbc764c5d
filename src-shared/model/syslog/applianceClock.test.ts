import { expect, test } from 'vitest';
import { correctTime, formatSkew, formatSkewError, isOrderKnown, toTimeContext } from './applianceClock.ts';
import { parseSyslogLine } from './syslogParse.ts';

test.each([
  [0, null],
  [-499, null],
  [2400, '+2.4 s'],
  [-2400, '−2.4 s'],
  [-180_000, '−3 min'],
  [90_000_000, '+1 d 1 h'],
])('when the clock is %d ms ahead, states %s', (skewMs, text) => {
  expect(formatSkew({ skewMs })).toBe(text);
});

test('when clocks differ, the time of a line is corrected', () => {
  expect(correctTime('2026-11-20T03:08:44.000Z', { skewMs: -2400 })).toBe('2026-11-20T03:08:46.400Z');
  expect(correctTime('1970-01-01T00:00:12.000Z', { skewMs: -1_795_000_000_000 })).toBe(
    '2026-11-18T11:06:52.000Z',
  );
  expect(correctTime('9999-12-31T23:59:59.000Z', { skewMs: -2400 })).toBe('9999-12-31T23:59:59.000Z');
});

test('when the appliance is in another year than the console, its clock gives the year', () => {
  const receivedAt = Date.parse('2026-11-20T00:00:00.000Z');
  const skewMs = Date.parse('1970-01-01T00:01:00.000Z') - receivedAt;
  const context = toTimeContext({ receivedAt, skewMs, zoneOffsetMinutes: 0 });
  expect(parseSyslogLine('Jan  1 00:00:12 h p: m', context).time).toBe('1970-01-01T00:00:12.000Z');
  const newYear = toTimeContext({
    receivedAt: Date.parse('2026-12-31T23:59:58Z'),
    skewMs: 5000,
    zoneOffsetMinutes: 0,
  });
  expect(parseSyslogLine('Jan  1 00:00:02 h p: m', newYear).time).toBe('2027-01-01T00:00:02.000Z');
});

test.each([
  [undefined, ''],
  [null, ''],
  [0, '± 0.0 s'],
  [501, '± 0.6 s'],
  [59_900, '± 59.9 s'],
  [60_001, '± 2 min'],
])('when a skew may be off by %s ms, it is stated as %s, never less', (errorMs, text) => {
  expect(formatSkewError(errorMs)).toBe(text);
});

const at = (applianceId: string, sort: number, skewErrorMs?: number | null) => ({
  applianceId,
  key: { sort },
  skewErrorMs,
});

test.each([
  [at('a', 0), at('a', 0), true],
  [at('a', 0, 500), at('b', 1000, 500), false],
  [at('a', 1001, 500), at('b', 0, 500), true],
  [at('a', 0, 0), at('b', 90_000), false],
  [at('a', 0, null), at('b', 90_000, 0), false],
])('when lines are %j and %j, that their order is known is %s', (left, right, expected) => {
  expect(isOrderKnown(left, right)).toBe(expected);
  expect(isOrderKnown(right, left)).toBe(expected);
});
