import { expect, test } from 'vitest';
import { formatBytes } from './formatBytes.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [4100, '4.1 kB'],
  [9_949, '9.9 kB'],
  [9_950, '10 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [12_345_678, '12 MB'],
  [2 ** 53, '9.0 PB'],
])('when there are %d bytes, shows %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
