import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldCase } from '../../../src-shared/model/syslog/query/logQuery.ts';
import { hasWord } from '../../../src-shared/model/syslog/query/matchLine.ts';
import { wordsOf } from './words.ts';

test('finds words, addresses and hyphenated ids', () => {
  const { words, joined } = wordsOf('From 10.20.77.213:443, id Req-8F3A-01c2; version 1.2.3 é-bar STRASSE ä');
  expect(words.join(' ')).toBe('from 10 20 77 213 443 id req 8f3a 01c2 version é bar strasse ä');
  expect(joined).toEqual(['10.20.77.213', 'req-8f3a', '8f3a-01c2', 'é-bar']);
});

test('when a row of numbers is longer than an address, finds each address in it', () => {
  expect(wordsOf('1.22.333.4.55.6').joined).toEqual(['1.22.333.4', '22.333.4.55', '333.4.55.6']);
  expect(wordsOf('1.2.3 1..2.3.4 a.1.2.3.4b 1.2.3-4').joined).toEqual(['3-4']);
});

const unit = fc.constantFrom(
  ...Array.from('abZ09_.-: \r\0'),
  'é',
  'Σ',
  'ς',
  'İ',
  'K',
  '中',
  '\u{1f600}',
  '\ufffd',
);
const textArbitrary = fc.string({ unit, maxLength: 40 });

test('when a text has a word, the reference finds it as a word', () => {
  fc.assert(
    fc.property(textArbitrary, (text) => {
      const folded = foldCase(text);
      for (const word of wordsOf(text).words) expect(hasWord(folded, word)).toBe(true);
      for (const word of folded.match(/[a-z0-9_\u{80}-\u{10ffff}]{2,}/gu) ?? [])
        expect(wordsOf(text).words).toContain(word);
    }),
  );
});

test('when a text stands in a line between characters of no word, the line has all its words and joined words', () => {
  const separator = fc.constantFrom(...Array.from(' .-:,'));
  fc.assert(
    fc.property(
      textArbitrary,
      textArbitrary,
      textArbitrary,
      separator,
      separator,
      (before, text, after, left, right) => {
        const inner = wordsOf(text);
        const outer = wordsOf(before + left + text + right + after);
        expect(outer.words).toEqual(expect.arrayContaining(inner.words));
        expect(outer.joined).toEqual(expect.arrayContaining(inner.joined));
      },
    ),
    { numRuns: 2000 },
  );
});
