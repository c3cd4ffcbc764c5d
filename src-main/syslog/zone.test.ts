import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSyslogLine } from '../../src-shared/model/syslog/syslogParse.ts';
import { createZoneGuess, zoneOffsetOf } from './zone.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A log line in the traditional format with the local time `local` (epoch ms). */
function traditional(local: number): string {
  const date = new Date(local);
  const day = String(date.getUTCDate()).padStart(2, ' ');
  return `${months[date.getUTCMonth()] ?? ''} ${day} ${date.toISOString().slice(11, 19)} kiln p: m`;
}

test('guesses any time zone in use from a new line, and reads its time correctly', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2028, 11, 31) }),
      fc.oneof(
        fc.integer({ min: -24, max: 28 }).map((halves) => halves * 30),
        fc.constantFrom(345, 525, 765),
      ),
      fc.integer({ min: -15_000, max: 15_000 }),
      (now, offset, skew) => {
        const line = traditional(now + skew + offset * 60_000);
        const found = zoneOffsetOf(line, now);
        expect(found).toBe(offset);
        const { time } = parseSyslogLine(line, { receivedAt: now, zoneOffsetMinutes: found ?? 0 });
        expect(Math.abs(Date.parse(time ?? '') - now - skew)).toBeLessThan(1000);
      },
    ),
  );
});

test('when lines contain their zone or no time, guesses nothing', () => {
  const now = Date.UTC(2026, 10, 20, 12);
  expect(zoneOffsetOf('2026-11-20T14:00:00+02:00 kiln p: m', now)).toBeNull();
  expect(zoneOffsetOf('<14>1 2026-11-20T14:00:00Z kiln p 1 - - m', now)).toBeNull();
  expect(zoneOffsetOf('no time', now)).toBeNull();
  expect(zoneOffsetOf(traditional(now + 17 * 60_000), now)).toBeNull();
});

test('uses the first line, then changes only if two lines agree', () => {
  const now = Date.UTC(2026, 10, 20, 12);
  const guess = createZoneGuess();
  expect(guess.minutes()).toBe(0);
  guess.addLine(traditional(now + 3_600_000), now);
  expect(guess.minutes()).toBe(60);
  guess.addLine(traditional(now), now);
  expect(guess.minutes()).toBe(60);
  guess.addLine(traditional(now), now);
  expect(guess.minutes()).toBe(0);
});
