import type { SyslogLine } from '../../src-shared/model/syslog/syslogLine.ts';
import { parseSyslogLine } from '../../src-shared/model/syslog/syslogParse.ts';
import { createLineRing } from './lineRing.ts';
import { findContinuation, maxComparedLines } from './overlap.ts';
import { createZoneGuess } from './zone.ts';

/** How many lines are kept per followed appliance. */
export const maxKeptLines = 10_000;
/** Maximum size of these lines in bytes, because one line may be 64 kB long. */
export const maxKeptBytes = 8 * 1024 * 1024;

/**
 * Parses and numbers the lines of one appliance, keeps the newest ones, and adds a gap where lines may be
 * missing.
 */
export function createTailLines(options: {
  applianceId: string;
  onLines: (lines: readonly SyslogLine[], isFirstHistory: boolean) => void;
  /** Epoch milliseconds. */
  clock: () => number;
}) {
  const { applianceId, clock } = options;
  const ring = createLineRing({ maxLines: maxKeptLines, maxBytes: maxKeptBytes });
  const zone = createZoneGuess();
  let lastRaw: string[] = [];
  let lastLineAt: number | null = null;
  let seq = 0;
  let hasHistory = false;

  function keep(lines: SyslogLine[], isFirstHistory: boolean): void {
    if (lines.length === 0) return;
    ring.push(lines);
    options.onLines(lines, isFirstHistory);
  }

  function parse(raw: readonly string[]): SyslogLine[] {
    const now = clock();
    lastRaw = [...lastRaw, ...raw.slice(-maxComparedLines)].slice(-maxComparedLines);
    const newest = raw.at(-1);
    if (newest !== undefined) {
      lastLineAt = now;
      // Lines from before the start also help to find the time zone: the newest is usually our own login,
      // logged a moment ago, so its time must be about `now`.
      zone.addLine(newest, now);
    }
    return raw.map((text) => ({
      seq: seq++,
      applianceId,
      receivedAt: new Date(now).toISOString(),
      ...parseSyslogLine(text, { receivedAt: now, zoneOffsetMinutes: zone.minutes() }),
      kind: 'line',
    }));
  }

  function addGap(message: string): void {
    const now = new Date(clock()).toISOString();
    const unknown = { host: null, program: null, pid: null, severity: null, severityFrom: null, head: '' };
    keep([{ seq: seq++, applianceId, receivedAt: now, time: now, ...unknown, message, kind: 'gap' }], false);
  }

  return {
    /** The kept lines, oldest first. */
    list: ring.lines,
    hasHistory: () => hasHistory,
    add: (raw: readonly string[]): void => keep(parse(raw), false),
    addGap,
    /**
     * Adds the old lines that `tail` printed at its start. After a restart, adds only those that are new.
     */
    addHistory: (raw: readonly string[]): void => {
      if (!hasHistory) {
        hasHistory = true;
        keep(parse(raw), true);
        return;
      }
      const from = findContinuation(lastRaw, raw);
      if (from === null) {
        const since = lastLineAt === null ? 'the start' : new Date(lastLineAt).toISOString();
        const until = new Date(clock()).toISOString();
        addGap(`Lines may be missing here: nothing was read from ${since} to ${until}.`);
      }
      keep(parse(raw.slice(from ?? 0)), false);
    },
  };
}
