import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findContinuation, maxComparedLines } from './overlap.ts';

test('finds where a log with distinct lines continues', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 200 }),
      fc.nat(199),
      fc.nat(199),
      (log, seenUntil, fetchedFrom) => {
        const end = Math.min(seenUntil, log.length - 1) + 1;
        const from = Math.min(fetchedFrom, log.length - 1);
        const seen = log.slice(Math.max(0, end - maxComparedLines), end);
        const at = findContinuation(seen, log.slice(from));
        const rest = at === null ? null : log.slice(from).slice(at);
        expect(rest).toEqual(from >= end ? null : log.slice(end));
      },
    ),
  );
});

test('when a line is repeated, uses the lines before it', () => {
  const seen = ['a', 'tick', 'b', 'tick'];
  expect(findContinuation(seen, ['a', 'tick', 'b', 'tick', 'c', 'tick'])).toBe(4);
});

test('when only a single line is repeated in a new log, finds no continuation', () => {
  expect(findContinuation(['a', 'b', 'tick'], ['x', 'y', 'tick', 'z'])).toBeNull();
});

test('when nothing was seen before, everything is new', () => {
  expect(findContinuation([], ['a'])).toBe(0);
});
