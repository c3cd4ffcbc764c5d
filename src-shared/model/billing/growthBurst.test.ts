import { expect, test } from 'vitest';
import { findGrowthBurst } from './growthBurst.ts';

const grow = (counts: readonly number[]) =>
  counts.map((count, at) => ({ day: `2026-11-${String(at + 1).padStart(2, '0')}`, count }));

test('when most of the growth is within three days, these days are named', () => {
  expect(findGrowthBurst(grow([10, 11, 12, 13, 20, 30, 40, 41, 42, 43, 44]))).toEqual({
    from: '2026-11-05',
    to: '2026-11-07',
    count: 27,
  });
});

test('when it is on one day, that day is named alone', () => {
  expect(findGrowthBurst(grow([10, 10, 10, 10, 60, 60, 60, 60, 60]))).toEqual({
    from: '2026-11-05',
    to: '2026-11-05',
    count: 50,
  });
});

test.each([
  ['grew every day alike', grow([10, 20, 30, 40, 50, 60, 70, 80])],
  ['did not grow', grow([10, 10, 10, 10])],
  ['fell', grow([40, 30, 20, 10])],
  ['grew by a few', grow([10, 10, 10, 10, 14, 14, 14, 14, 14])],
  ['were counted on one day only', grow([10])],
  ['were never counted', []],
  [
    'were not counted between',
    [
      { day: '2026-11-01', count: 10 },
      { day: '2026-11-20', count: 90 },
    ],
  ],
])('when accounts %s, no day is named', (_what, days) => {
  expect(findGrowthBurst(days)).toBeNull();
});
