import { expect, test } from 'vitest';
import { formatRun, parseRun } from './fleetRun.ts';

test.each([
  ['RUN-0031', 31],
  ['run-31', 31],
  [' 31 ', 31],
  ['RUN-123456', 123_456],
])('when a run is called %j, its number is %d', (text, number) => {
  expect(parseRun(text)).toBe(number);
  expect(parseRun(formatRun(number))).toBe(number);
});

test.each(['RUN-0', '31a', '', 'RUN-1234567890'])('when %j is no name of a run, it has no number', (text) => {
  expect(parseRun(text)).toBeNull();
});
