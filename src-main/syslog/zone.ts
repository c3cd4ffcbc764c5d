import { parseSyslogLine } from '../../src-shared/model/syslog/syslogParse.ts';
import { minuteMs } from '../../src-shared/base/time.ts';

/** A guess is accepted if the clocks of console and appliance differ by at most this time. */
const maxClockDifferenceMs = 20_000;
const quarter = 15 * minuteMs;
const maxOffsetMinutes = 14 * 60;
/**
 * The only time zone offsets in use that are not multiples of half an hour, in minutes: Nepal, Eucla, Chatham
 * Islands.
 */
const quarterHourOffsets = [345, 525, 765];

/**
 * Guesses the time zone of a line that was just written, in minutes east of UTC. Null if the line contains
 * its zone, has no time, or fits no existing zone.
 */
export function zoneOffsetOf(text: string, receivedAt: number): number | null {
  const utc = parseSyslogLine(text, { receivedAt }).time;
  const shifted = parseSyslogLine(text, { receivedAt, zoneOffsetMinutes: 60 }).time;
  if (utc === null || utc === shifted) return null;
  const ahead = Date.parse(utc) - receivedAt;
  const minutes = Math.round(ahead / quarter) * 15;
  const isLikely = minutes % 30 === 0 || quarterHourOffsets.includes(minutes);
  if (
    !isLikely ||
    Math.abs(minutes) > maxOffsetMinutes ||
    Math.abs(ahead - minutes * minuteMs) > maxClockDifferenceMs
  )
    return null;
  return minutes === 0 ? 0 : minutes;
}

export type ZoneGuess = {
  minutes: () => number;
  /** Whether a line has shown the zone. Otherwise `minutes` assumes UTC. */
  isKnown: () => boolean;
  /** Uses a line that was just written for the guess. */
  addLine: (text: string, receivedAt: number) => void;
};

/**
 * Guesses the time zone of an appliance, because traditional lines contain local time without a zone. Two
 * consecutive new lines must agree. The very first line decides alone, because the history waits for the
 * zone.
 */
export function createZoneGuess(): ZoneGuess {
  let believed: number | null = null;
  let last: number | null = null;
  return {
    minutes: () => believed ?? 0,
    isKnown: () => believed !== null,
    addLine: (text, receivedAt) => {
      const offset = zoneOffsetOf(text, receivedAt);
      if (offset === null) return;
      if (believed === null || offset === last) believed = offset;
      last = offset;
    },
  };
}
