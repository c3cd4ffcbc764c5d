import { parseSyslogLine } from '../../src-shared/model/syslog/syslogParse.ts';
import { minuteMs } from '../../src-shared/base/time.ts';

/** How far the clocks of console and appliance may differ for a guess. */
const tolerance = 20_000;
const quarter = 15 * minuteMs;
const widest = 14 * 60;
/** Time zones differ by half hours, except Nepal, Eucla and the Chatham Islands. */
const oddQuarters = [345, 525, 765];

/**
 * The time zone of a line that was just written, in minutes east of UTC; null if the line names its zone, has no time,
 * or fits no likely zone.
 */
export function zoneOffsetOf(text: string, receivedAt: number): number | null {
  const utc = parseSyslogLine(text, { receivedAt }).time;
  const shifted = parseSyslogLine(text, { receivedAt, zoneOffsetMinutes: 60 }).time;
  if (utc === null || utc === shifted) return null;
  const ahead = Date.parse(utc) - receivedAt;
  const minutes = Math.round(ahead / quarter) * 15;
  const isLikely = minutes % 30 === 0 || oddQuarters.includes(minutes);
  if (!isLikely || Math.abs(minutes) > widest || Math.abs(ahead - minutes * minuteMs) > tolerance)
    return null;
  return minutes === 0 ? 0 : minutes;
}

export type ZoneGuess = {
  minutes: () => number;
  /** Evaluates a line that was just written. */
  see: (text: string, receivedAt: number) => void;
};

/**
 * Traditional lines contain the appliance's local time without its zone. The zone is guessed from new lines: two
 * consecutive lines must agree, except the very first line, because the history waits for it.
 */
export function createZoneGuess(): ZoneGuess {
  let believed: number | null = null;
  let last: number | null = null;
  return {
    minutes: () => believed ?? 0,
    see: (text, receivedAt) => {
      const offset = zoneOffsetOf(text, receivedAt);
      if (offset === null) return;
      if (believed === null || offset === last) believed = offset;
      last = offset;
    },
  };
}
