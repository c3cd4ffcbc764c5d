import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPatternMatcher, matchesWildcard } from './wildcard.ts';

const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });

/** A simple recursive implementation to compare with. It is too slow for long patterns. */
function matchesSlowly(text: string, pattern: string): boolean {
  const [first] = pattern;
  if (first === undefined) return text === '';
  const rest = pattern.slice(1);
  if (first === '*')
    return matchesSlowly(text, rest) || (text !== '' && matchesSlowly(text.slice(1), pattern));
  return text !== '' && (first === '?' || first === text[0]) && matchesSlowly(text.slice(1), rest);
}

test('when text and pattern are random, agrees with the reference implementation', () => {
  fc.assert(
    fc.property(letters, letters, (text, pattern) => {
      expect(matchesWildcard(text, pattern)).toBe(matchesSlowly(text, pattern));
    }),
    { numRuns: 2_000 },
  );
});

test('when a pattern is made to be slow, answers quickly', () => {
  expect(matchesWildcard('a'.repeat(2_000), `${'*a'.repeat(500)}b`)).toBe(false);
});

test.each([
  ['kiln.example', ['*.example'], true],
  ['KILN.example', ['kiln.*'], false],
  ['KILN.example', ['KILN.example'], true],
  ['kiln', ['KILN'], false],
  ['kiln', ['*', '!KILN'], true],
  ['kiln', ['*', '!kiln'], false],
  ['kiln.example', ['*', '!kiln.*'], false],
  ['kiln.example', ['!mill.*'], false],
  ['kiln.example', ['!mill.*', '*'], true],
  ['kiln', ['kil?', 'x'], true],
  ['kiln', [], false],
])('when %s is matched with %j, returns %s', (text, patterns, expected) => {
  expect(createPatternMatcher(patterns)(text)).toBe(expected);
});
