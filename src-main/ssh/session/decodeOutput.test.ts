import { expect, test } from 'vitest';
import { decodeBeginning } from './decodeOutput.ts';

test.each([
  ['letters', 'abcdef', 'abcd'],
  ['characters of three bytes', '€€€€€€', '€€€€'],
  ['characters of four bytes', '😀😀😀', '😀😀'],
  ['a character of four bytes at the end of the beginning', 'abc😀', 'abc\uFFFD'],
  ['less than asked for', 'ab', 'ab'],
  ['nothing', '', ''],
])('the beginning of %s is the same in bytes and as text', (_what, text, beginning) => {
  expect(decodeBeginning(Buffer.from(text), 4)).toBe(beginning);
  expect(decodeBeginning(text, 4)).toBe(beginning);
});
