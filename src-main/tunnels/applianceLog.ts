import type { LogLine } from '../../src-shared/model/tunnels/proof.ts';
import { parseSyslogLine } from '../../src-shared/model/syslog/syslogParse.ts';
import type { Driver } from '../driver/driver.ts';
import { createZoneGuess } from '../syslog/zone.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** Lines of a byte or two would be a million, and hold up everything else for seconds **[ours]**. */
const maxLines = 30_000;
/** Two people who look at the same tunnel need one reading. */
const shareMs = 3 * secondMs;
/** The last lines tell in which zone the log is stamped, if they were just written. */
const zoneLines = 20;

type Reading = { at: number; lines: Promise<LogLine[]> };
export type ApplianceLog = { read: (applianceId: string, path: string) => Promise<LogLine[]> };

/** The end of an appliance's log, through the session that is there already. Rejects with the session's errors. */
export function createApplianceLog(options: {
  links: {
    of: (applianceId: string) => { driver: Pick<Driver, 'readSyslog'> };
  };
  clock: () => number;
}): ApplianceLog {
  const readings = new Map<string, Reading>();

  async function read(applianceId: string, path: string): Promise<LogLine[]> {
    const text = await options.links.of(applianceId).driver.readSyslog({ path });
    const lines = text
      .split('\n')
      .filter((line) => line !== '')
      .slice(-maxLines);
    const receivedAt = options.clock();
    const zone = createZoneGuess();
    for (const line of lines.slice(-zoneLines)) zone.see(line, receivedAt);
    return lines.map((line) => ({
      text: line,
      parsed: parseSyslogLine(line, { receivedAt, zoneOffsetMinutes: zone.minutes() }),
    }));
  }

  return {
    read: (applianceId, path) => {
      const key = `${applianceId} ${path}`;
      const known = readings.get(key);
      const now = options.clock();
      if (known !== undefined && now - known.at < shareMs && now >= known.at) return known.lines;
      const lines = read(applianceId, path);
      readings.set(key, { at: now, lines });
      // A failure is told to whoever waits for it, and not again; a log is large to keep.
      const forget = () => {
        if (readings.get(key)?.lines === lines) readings.delete(key);
      };
      lines.then(() => setTimeout(forget, shareMs).unref(), forget);
      return lines;
    },
  };
}
