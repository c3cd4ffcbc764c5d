import { afterEach, expect, test } from 'vitest';
import { formatLocalInstant } from './localInstant.ts';

const zone = process.env['TZ'];
afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

test.each([
  // Midnight UTC on both sides of a change of the clocks in New Zealand, and twice in Hawaii, which has none.
  ['Pacific/Auckland', '2026-09-26T00:00:00.000Z', '2026-09-26 12:00:00 UTC+12:00'],
  ['Pacific/Auckland', '2026-09-27T00:00:00.000Z', '2026-09-27 13:00:00 UTC+13:00'],
  ['Pacific/Auckland', '2027-04-03T00:00:00.000Z', '2027-04-03 13:00:00 UTC+13:00'],
  ['Pacific/Auckland', '2027-04-04T00:00:00.000Z', '2027-04-04 12:00:00 UTC+12:00'],
  ['Pacific/Honolulu', '2026-12-10T00:00:00.000Z', '2026-12-09 14:00:00 UTC-10:00'],
  ['Pacific/Honolulu', '2026-07-01T00:00:00.000Z', '2026-06-30 14:00:00 UTC-10:00'],
  ['Europe/Berlin', '2026-10-25T00:30:00.000Z', '2026-10-25 02:30:00 UTC+02:00'],
  ['Europe/Berlin', '2026-10-25T01:30:00.000Z', '2026-10-25 02:30:00 UTC+01:00'],
  ['UTC', '2026-12-10T00:00:00.000Z', '2026-12-10 00:00:00 UTC'],
  ['Asia/Kathmandu', '2026-12-31T23:59:59.000Z', '2027-01-01 05:44:59 UTC+05:45'],
])('when this computer is in %s, %s is shown with its offset', (timeZone, instant, local) => {
  process.env['TZ'] = timeZone;
  expect(formatLocalInstant(instant)).toBe(local);
  process.env['TZ'] = 'UTC';
  expect(formatLocalInstant(instant, timeZone)).toBe(local);
});
