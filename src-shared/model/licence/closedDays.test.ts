import { expect, test } from 'vitest';
import { findClosed, parseClosedDays } from './closedDays.ts';

test.each([
  ['24 Dec – 3 Jan', ['2026-12-24', '2026-12-31', '2027-01-03'], ['2026-12-23', '2027-01-04']],
  ['24 December to 3 January', ['2026-12-24'], ['2026-12-23']],
  ['24 Dec-26 Dec', ['2030-12-25'], ['2030-12-27']],
  ['8 Sept. – 9 sep', ['2026-09-08', '2026-09-09'], ['2026-09-10']],
  ['1 May', ['2026-05-01', '2027-05-01'], ['2026-05-02']],
  ['29 Feb', ['2028-02-29'], ['2027-03-01']],
  ['2027-05-17 – 2027-05-21', ['2027-05-17', '2027-05-21'], ['2027-05-22', '2028-05-18']],
  ['1 May, 2027-05-17; 26 Dec', ['2026-05-01', '2027-05-17', '2029-12-26'], ['2028-05-17']],
  ['', [], ['2026-12-24']],
])('when the closed days are %j, exactly these days are closed', (text, closed, open) => {
  const ranges = parseClosedDays(text) ?? [];
  expect(closed.filter((day) => findClosed(day, ranges) === null)).toEqual([]);
  expect(open.filter((day) => findClosed(day, ranges) !== null)).toEqual([]);
});

test.each([
  'Christmas',
  '32 Dec',
  '24 Decker',
  '1 Maybe',
  '5 Junk',
  '30 Feb',
  '2027-02-30',
  '24 Dec – ',
  '24 Dec – 2027-01-03',
  '2027-05-21 – 2027-05-17',
  '1 May – 2 May – 3 May',
  Array.from({ length: 51 }, () => '1 May').join(','),
])('rejects %j', (text) => expect(parseClosedDays(text)).toBeNull());
