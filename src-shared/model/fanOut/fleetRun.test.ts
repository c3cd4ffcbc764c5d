import { expect, test } from 'vitest';
import { formatRun, parseRun } from './fleetRun.ts';

test.each([
  ['RUN-0031', 31],
  ['run-31', 31],
  [' 31 ', 31],
  ['RUN-123456', 123_456],
  ['RUN-0', null],
  ['31a', null],
  ['', null],
])('when a run is called %j, its number is %s', (text, number) => {
  expect(parseRun(text)).toBe(number);
  if (number !== null) expect(parseRun(formatRun(number))).toBe(number);
});
