import { expect, test } from 'vitest';
import { asSentence } from './sentence.ts';

test.each([
  ['the disk is full', 'the disk is full.'],
  ['Ask again. ', 'Ask again.'],
  ['Really?', 'Really?'],
  ['and so on…', 'and so on…'],
  ['', ''],
])('%j becomes %j', (text, sentence) => {
  expect(asSentence(text)).toBe(sentence);
});
