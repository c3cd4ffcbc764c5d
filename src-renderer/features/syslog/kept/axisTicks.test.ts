import { expect, test } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../../../src-shared/base/time.ts';
import { findTicks } from './axisTicks.ts';
import { describeTick } from './spanText.ts';

const local = (day: number, hour = 0, minute = 0) => new Date(2026, 10, day, hour, minute).getTime();

test.each([
  ['15 minutes', local(20, 3, 2), 15 * minuteMs, 2 * minuteMs, '11-20 03:02 03:04'],
  ['an hour', local(20, 2, 58), hourMs, 10 * minuteMs, '11-20 03:00 03:10'],
  ['6 hours', local(19, 22, 10), 6 * hourMs, hourMs, '11-19 23:00 11-20'],
  ['a day', local(19, 13), dayMs, 3 * hourMs, '11-19 15:00 18:00'],
  ['2 days', local(19, 13), 2 * dayMs, 6 * hourMs, '11-19 18:00 11-20'],
  ['a week', local(12, 13), 7 * dayMs, dayMs, '11-13 11-14'],
])('when a scale of 1000 px covers %s, its labels are round', (_, from, length, stepMs, start) => {
  const ticks = findTicks({ from, to: from + length, widthPx: 1000 });
  expect(ticks[0]?.stepMs).toBe(stepMs);
  expect(ticks.length).toBeGreaterThanOrEqual(Math.floor(length / stepMs) - 1);
  const texts = ticks.map((tick, index) => describeTick(tick, index === 0)).join(' ');
  expect(texts.slice(0, start.length)).toBe(start);
  for (const [index, { at }] of ticks.slice(1).entries())
    expect(((at - (ticks[index]?.at ?? 0)) / length) * 1000).toBeGreaterThanOrEqual(90);
});

test('when a scale has no length or no width, it has no labels', () => {
  expect(findTicks({ from: 5, to: 5, widthPx: 1000 })).toEqual([]);
  expect(findTicks({ from: 0, to: dayMs, widthPx: 0 })).toEqual([]);
});

test('when a scale covers years, it has few labels', () => {
  const ticks = findTicks({ from: local(1), to: local(1) + 3000 * dayMs, widthPx: 1000 });
  expect(ticks.length).toBeGreaterThan(0);
  expect(ticks.length).toBeLessThanOrEqual(10);
});
