import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffLines } from './lineDiff.ts';

const signed = (before: string, after: string) =>
  diffLines(before, after).map(
    ({ text, before: old, after: next }) => `${old === null ? '+' : next === null ? '-' : ' '}${text}`,
  );

test('when a line changes, it is removed and added, and the others are the same', () => {
  expect(signed('a\nb\nc\n', 'a\nB\nc\n')).toEqual([' a', '-b', '+B', ' c']);
});

test('when lines move, only the smaller part differs', () => {
  expect(signed('one\ntwo\nthree\nfour\n', 'two\nthree\nfour\none\n')).toEqual([
    '-one',
    ' two',
    ' three',
    ' four',
    '+one',
  ]);
});

test.each([
  ['', 'a\n', ['+a']],
  ['a\n', '', ['-a']],
  ['', '', []],
  ['a\r\nb\r\n', 'a\nb', [' a', ' b']],
])('when the texts are %j and %j, the lines are %j', (before, after, lines) => {
  expect(signed(before, after)).toEqual(lines);
});

const someLines = fc.array(fc.constantFrom('a', 'b', 'c', 'd', ''), { maxLength: 40 });

test('when two texts are compared, the lines of each are complete, in order and numbered', () => {
  fc.assert(
    fc.property(someLines, someLines, (old, next) => {
      const lines = diffLines(
        old.map((line) => `${line}\n`).join(''),
        next.map((line) => `${line}\n`).join(''),
      );
      const before = lines.filter((line) => line.before !== null);
      const after = lines.filter((line) => line.after !== null);
      expect(before.map(({ text }) => text)).toEqual(old);
      expect(after.map(({ text }) => text)).toEqual(next);
      expect(before.map((line) => line.before)).toEqual(old.map((_, at) => at + 1));
      expect(after.map((line) => line.after)).toEqual(next.map((_, at) => at + 1));
    }),
  );
});

const manyLines = (word: string): string =>
  Array.from({ length: 20_000 }, (_, at) => `${word} ${at}\n`).join('');

test('when thousands of lines differ, the comparison is bounded and complete', () => {
  const lines = diffLines(`same\n${manyLines('a')}`, `same\n${manyLines('b')}`);
  expect(lines).toHaveLength(40_001);
  expect(lines[0]).toEqual({ text: 'same', before: 1, after: 1 });
});
