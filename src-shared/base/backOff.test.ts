import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backOffMs, minDelayMs, maxDelayMs } from './backOff.ts';

test('every delay is between 1 and 30 seconds and grows with the number of failures', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempt, random) => {
        const delay = backOffMs(attempt, () => random);
        expect(delay).toBeGreaterThanOrEqual(minDelayMs);
        expect(delay).toBeLessThanOrEqual(maxDelayMs);
        expect(backOffMs(attempt + 1, () => random)).toBeGreaterThanOrEqual(delay);
      },
    ),
  );
  expect([1, 2, 3, 4, 5, 6].map((attempt) => backOffMs(attempt, () => 1))).toEqual([
    2000, 4000, 8000, 16_000, 30_000, 30_000,
  ]);
  expect(backOffMs(9, () => 0)).toBe(1000);
});
