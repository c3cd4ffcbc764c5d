import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureJson } from './measureJson.ts';

const unbounded = { maxDepth: Infinity, maxValues: Infinity };

/** Counts the depth and the values of a parsed value recursively, to compare with `measureJson`. */
function sizeOf(value: unknown): { depth: number; values: number } {
  if (typeof value !== 'object' || value === null) return { depth: 0, values: 1 };
  const inner = Object.values(value).map(sizeOf);
  return {
    depth: 1 + Math.max(0, ...inner.map((size) => size.depth)),
    values: 1 + inner.reduce((sum, size) => sum + size.values, 0),
  };
}

const document = fc
  .tuple(
    fc.jsonValue({ maxDepth: 8, noUnicodeString: false }),
    fc.constantFrom('', ' ', '\t', '  '),
    fc.string({ unit: fc.constantFrom('"', '\\', '[', '}', ',', 'é', '\ud800', '\u0000', 'a') }),
  )
  .map(([value, indent, text]) => JSON.stringify([value, text, { [text]: value }], null, indent));

describe('the depth and size of JSON', () => {
  it('are the depth that JSON.parse finds, and at least its number of values', () => {
    fc.assert(
      fc.property(document, (text) => {
        const size = measureJson(text, unbounded);
        const parsed = sizeOf(JSON.parse(text));
        expect(size.depth).toBe(parsed.depth);
        expect(size.values).toBeGreaterThanOrEqual(parsed.values);
        // The estimate is at most twice the real number, so that valid answers are not refused.
        expect(size.values).toBeLessThanOrEqual(2 * parsed.values);
      }),
      { numRuns: 1000 },
    );
  });

  it('can be measured in any text, JSON or not', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('"', '\\', '[', ']', '{', '}', ',', ' ', '1') }),
        (text) => {
          const { depth, values } = measureJson(text, unbounded);
          expect(depth).toBeLessThanOrEqual(text.length);
          expect(values).toBeLessThanOrEqual(text.length + 1);
        },
      ),
    );
  });

  it.each([
    ['brackets inside a string', '["[[[[{{{{,,,,"]', 1, 2],
    ['an escaped quote', String.raw`["\"[[[,"]`, 1, 2],
    ['an escaped backslash before the end of a string', String.raw`["\\",[0]]`, 2, 4],
    ['an escape of a quote’s code', String.raw`["\u0022[[[,"]`, 1, 2],
    ['the same key again and again', '{"a":1,"a":2,"a":3}', 1, 4],
    ['a string that never ends', '["[[[[', 1, 2],
    ['brackets that close too often', ']]]][[', -1, 3],
  ])('are measured in %s', (_what, text, depth, values) => {
    expect(measureJson(text, unbounded)).toEqual({ depth: Math.max(0, depth), values });
  });

  it('are measured only up to the limit', () => {
    const bounds = { maxDepth: 32, maxValues: 1000 };
    expect(measureJson('['.repeat(3_900_000), bounds)).toEqual({ depth: 33, values: 34 });
    expect(measureJson(`[${'0,'.repeat(4_000_000)}0]`, bounds)).toEqual({ depth: 1, values: 1001 });
  });
});
