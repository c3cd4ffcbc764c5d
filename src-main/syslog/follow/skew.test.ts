import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseSkew, errorOfSkew, measureSkew, type ClockReading } from './skew.ts';

const now = Date.parse('2026-11-29T23:00:00.000Z');

/** A reading of a clock that is ahead by `skewMs`. */
function read(skewMs: number, delays: { there: number; back: number }, sentAt = now): ClockReading {
  const readAt = sentAt + delays.there;
  return { clock: Math.floor((readAt + skewMs) / 1000), sentAt, receivedAt: readAt + delays.back };
}
const delay = fc.record({ there: fc.nat(8000), back: fc.nat(8000) });

test('whatever the delays, the skew is within the stated uncertainty', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e9, max: 1e9 }),
      fc.integer({ min: 0, max: 999 }),
      delay,
      delay,
      (skew, phase, first, second) => {
        const readings = [read(skew, first, now + phase), read(skew, second, now + phase)] as const;
        const measured = measureSkew(readings[1], [readings[0]]);
        expect(Math.abs(measured.skewMs - skew)).toBeLessThanOrEqual(measured.uncertaintyMs);
        for (const reading of readings)
          expect(measured.uncertaintyMs).toBeLessThanOrEqual(measureSkew(reading).uncertaintyMs);
      },
    ),
  );
});

test('an appliance with this computer’s clock has no skew, however long the answer takes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999 }), delay, (phase, delays) => {
      expect(chooseSkew(null, measureSkew(read(0, delays, now + phase)))).toBe(0);
    }),
  );
});

test('when a clock was set between two readings, the last one counts', () => {
  const delays = { there: 10, back: 10 };
  const last = read(3_600_000, delays);
  expect(measureSkew(last, [read(0, delays)])).toEqual(measureSkew(last));
});

test.each([
  [null, { skewMs: 5400.4, uncertaintyMs: 500 }, 5400],
  [null, { skewMs: -400, uncertaintyMs: 500 }, 0],
  [5400, { skewMs: 7400, uncertaintyMs: 500 }, 5400],
  [5400, { skewMs: 7401, uncertaintyMs: 500 }, 7401],
  [5400, { skewMs: 8000, uncertaintyMs: 3000 }, 5400],
  [5400, { skewMs: 300, uncertaintyMs: 600 }, 0],
  [0, { skewMs: -1900, uncertaintyMs: 100 }, 0],
])('when %s was used and %o is measured, uses %s', (used, measured, expected) => {
  expect(chooseSkew(used, measured)).toBe(expected);
});

test('whatever skew was used before, the true one is within the stated error of the chosen one', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -10_000, max: 10_000 }),
      fc.option(fc.integer({ min: -10_000, max: 10_000 })),
      delay,
      (skew, used, delays) => {
        const measured = measureSkew(read(skew, delays));
        const chosen = chooseSkew(used, measured);
        expect(Math.abs(chosen - skew)).toBeLessThanOrEqual(errorOfSkew(chosen, measured) ?? -1);
      },
    ),
  );
});

test('when the clock was never read, the error of the skew is not known', () => {
  expect(errorOfSkew(0, { skewMs: 0, uncertaintyMs: Infinity })).toBeNull();
});
