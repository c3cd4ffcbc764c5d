import type { ApplianceEntry } from '../../src-shared/model/applianceEntry.ts';
import type { LogLine } from '../../src-shared/model/proof.ts';
import { parseSyslogLine } from '../../src-shared/model/syslogParse.ts';
import { createZoneGuess } from '../syslog/zone.ts';
import type { Session } from '../ssh/types.ts';

/** Bytes of the log that are read; at a hundred bytes a line some 20,000 lines. */
const readBytes = 2 * 1024 * 1024;
/** Lines of a byte or two would be a million, and hold up everything else for seconds **[ours]**. */
const mostLines = 30_000;
const timeoutMs = 15_000;
/** Two people who look at the same tunnel need one reading. */
const shareMs = 3_000;
/** The last lines tell in which zone the log is stamped, if they were just written. */
const zoneLines = 20;

type Reading = { at: number; lines: Promise<LogLine[]> };
export type ApplianceLog = { read: (applianceId: string, path: string) => Promise<LogLine[]> };

function tailArgv(path: string): string[] {
  return ['tail', '-c', `${readBytes}`, '--', path];
}

/** The end of an appliance's log, through the session that is there already. Rejects with the session's errors. */
export function createApplianceLog(options: {
  links: {
    of: (applianceId: string) => { entry: Pick<ApplianceEntry, 'sudo'>; session: Pick<Session, 'run'> };
  };
  clock: () => number;
}): ApplianceLog {
  const readings = new Map<string, Reading>();

  async function text(applianceId: string, path: string): Promise<string | null> {
    const { entry, session } = options.links.of(applianceId);
    const result = await session.run({
      argv: tailArgv(path),
      privileged: entry.sudo !== 'none',
      timeoutMs,
      // What is no UTF-8 is longer once decoded, and the limit is on what arrives.
      maxBytes: readBytes + 1024,
    });
    return result.exitCode === 0 ? result.stdout : null;
  }

  async function read(applianceId: string, path: string): Promise<LogLine[]> {
    const latest = await text(applianceId, path);
    if (latest === null) throw new Error(`${path} could not be read`);
    // Rotated a moment ago, what proves anything is in the file before.
    const isShort = Buffer.byteLength(latest) < readBytes / 2;
    const before = isShort ? await text(applianceId, `${path}.1`) : null;
    const lines = [...whole(before ?? ''), ...(isShort ? split(latest) : whole(latest))].slice(-mostLines);
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

function split(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** Without the first line where it may have been cut. */
function whole(text: string): string[] {
  const lines = split(text);
  return Buffer.byteLength(text) >= readBytes ? lines.slice(1) : lines;
}
