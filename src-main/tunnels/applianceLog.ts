import { markPadding } from '../../src-shared/base/padding.ts';
import type { LogLine } from '../../src-shared/model/tunnels/proof.ts';
import { parseSyslogLine } from '../../src-shared/model/syslog/syslogParse.ts';
import type { Driver } from '../driver/driver.ts';
import { createZoneGuess } from '../syslog/zone.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/**
 * Maximum number of parsed lines. A log of very short lines could have a million, and parsing them would
 * block everything for seconds **[ours]**.
 */
const maxLines = 30_000;
/** Users who open the same tunnel within this time share one reading of the log. */
const reuseReadForMs = 3 * secondMs;
/** Number of last lines that are used to guess the log's time zone. */
const zoneLines = 20;

type Reading = { at: number; lines: Promise<LogLine[]> };
export type ApplianceLog = {
  /** Users who ask at the same time share one reading, unless it lacks one of the lines in `expected`. */
  read: (applianceId: string, path: string, expected?: readonly string[]) => Promise<LogLine[]>;
};

/** Reads the end of an appliance's log over its current session. Rejects with the session's errors. */
export function createApplianceLog(options: {
  links: {
    of: (applianceId: string) => { driver: Pick<Driver, 'readSyslog'> };
  };
  clock: () => number;
}): ApplianceLog {
  const readings = new Map<string, Reading>();

  async function read(applianceId: string, path: string): Promise<LogLine[]> {
    const text = await options.links.of(applianceId).driver.readSyslog({ path });
    const lines = markPadding(text)
      .split('\n')
      .filter((line) => line !== '')
      .slice(-maxLines);
    const receivedAt = options.clock();
    const zone = createZoneGuess();
    for (const line of lines.slice(-zoneLines)) zone.addLine(line, receivedAt);
    const parse = (line: string, zoneOffsetMinutes: number) =>
      parseSyslogLine(line, { receivedAt, zoneOffsetMinutes });
    return lines.map((line) => {
      const parsed = parse(line, zone.minutes());
      // Parsed once more only for the few lines that match a diagnosis.
      return {
        text: line,
        parsed,
        isTimeGuessed: () => !zone.isKnown() && parsed.time !== parse(line, 60).time,
      };
    });
  }

  function startReading(key: string, applianceId: string, path: string): Promise<LogLine[]> {
    const lines = read(applianceId, path);
    readings.set(key, { at: options.clock(), lines });
    // Forget a failed reading at once, so that the next call tries again, and the log soon, because it is
    // large.
    const forget = () => {
      if (readings.get(key)?.lines === lines) readings.delete(key);
    };
    lines.then(() => setTimeout(forget, reuseReadForMs).unref(), forget);
    return lines;
  }

  /** The reading of a moment ago, if it is recent enough. */
  function findRecent(key: string): Promise<LogLine[]> | null {
    const known = readings.get(key);
    const now = options.clock();
    return known !== undefined && now - known.at < reuseReadForMs && now >= known.at ? known.lines : null;
  }

  return {
    read: async (applianceId, path, expected = []) => {
      const key = `${applianceId} ${path}`;
      const recent = findRecent(key);
      const lines = await (recent ?? startReading(key, applianceId, path));
      if (recent === null || expected.length === 0) return lines;
      const texts = new Set(lines.map(({ text }) => text));
      if (expected.every((line) => texts.has(line))) return lines;
      const present = findRecent(key);
      return present === null || present === recent ? startReading(key, applianceId, path) : present;
    },
  };
}
