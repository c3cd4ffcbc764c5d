import type { LogTrouble } from '../../src-shared/contract/syslog.ts';
import { AppError } from '../../src-shared/errors.ts';
import type { SyslogLine } from '../../src-shared/model/syslog/syslogLine.ts';
import { maxLineBytes, parseSyslogLine } from '../../src-shared/model/syslog/syslogParse.ts';
import type { RemoteProcess } from '../ssh/types.ts';
import { createLineRing } from './lineRing.ts';
import { createLineSplitter } from '../../src-shared/node/lineSplitter.ts';
import { findContinuation, overlapContext } from './overlap.ts';
import { watchTailComplaints } from './tailComplaints.ts';
import { createZoneGuess } from './zone.ts';
import { growingDelayMs } from '../../src-shared/base/backOff.ts';

/** Lines kept of each appliance that is tailed. */
export const ringSize = 5_000;
/** The same in bytes, as a line may be 64 kB long. */
const ringBytes = 8 * 1024 * 1024;
/** `tail` prints its history in one go; a pause this long ends it. */
const historyPauseMs = 250;
const historyLimitMs = 2_000;
/** Doubled at each failure up to the longest, so that a refused sudo does not fill the appliance's auth log. */
const firstRestartDelayMs = 3_000;
const maxRestartDelayMs = 60_000;
const rateWindowSeconds = 5;

const unreadableStart = "The log can't be read: ";

/** A link that is down says nothing about the log; it is shown elsewhere. */
function isLinkError(thrown: unknown): boolean {
  return thrown instanceof AppError && (thrown.code === 'LINK_LOST' || thrown.code === 'LINK_NOT_READY');
}

/**
 *   waiting ──(link up)──► starting ──(first line or pause)──► catching up ──(history read)──► following
 *      ▲                      │                                    │                               │
 *      └──────────────────────┴────────── tail ended ──────────────┴───────────────────────────────┘
 */
export type ApplianceTail = {
  /** The lines kept, oldest first. */
  lines: () => readonly SyslogLine[];
  linesPerSecond: () => number;
  /** Why the log can't be read now; null while it is read, or while the link is not up. */
  trouble: () => LogTrouble | null;
  /** Resolves once the first history is there, or the first attempt failed. */
  primed: Promise<void>;
  stop: () => void;
};

export function createApplianceTail(options: {
  applianceId: string;
  history: number;
  /** Rejects or resolves with null when the link can't carry it now. */
  start: (lines: number) => Promise<RemoteProcess | null>;
  /** Calls back whenever the link came up. */
  onLinkUp: (listener: () => void) => () => void;
  onLines: (lines: readonly SyslogLine[], isFirstHistory: boolean) => void;
  /** Called when `trouble` changed. */
  onTrouble: () => void;
  clock: () => number;
}): ApplianceTail {
  const { applianceId, clock } = options;
  const ring = createLineRing({ maxLines: ringSize, maxBytes: ringBytes });
  let lastRaw: string[] = [];
  let lastLineAt: number | null = null;
  let seq = 0;
  let process: RemoteProcess | null = null;
  let isStarting = false;
  let isStopped = false;
  let hasHistory = false;
  let trouble: LogTrouble | null = null;
  let lastReason: string | null = null;
  let restart: NodeJS.Timeout | undefined;
  let failures = 0;
  const zone = createZoneGuess();
  const buckets = new Map<number, number>();
  const { promise: primed, resolve: settlePrimed } = Promise.withResolvers<void>();

  function count(added: number): void {
    const second = Math.floor(clock() / 1000);
    buckets.set(second, (buckets.get(second) ?? 0) + added);
    for (const old of buckets.keys()) if (old < second - rateWindowSeconds) buckets.delete(old);
  }

  function keep(lines: SyslogLine[], isFirstHistory: boolean): void {
    if (lines.length === 0) return;
    ring.push(lines);
    options.onLines(lines, isFirstHistory);
  }

  function toLines(raw: readonly string[]): SyslogLine[] {
    const now = clock();
    lastRaw = [...lastRaw, ...raw.slice(-overlapContext)].slice(-overlapContext);
    const newest = raw.at(-1);
    if (newest !== undefined) {
      lastLineAt = now;
      // Of history, too: the log-in that reads it is itself logged.
      zone.see(newest, now);
    }
    return raw.map((text) => ({
      seq: seq++,
      applianceId,
      receivedAt: new Date(now).toISOString(),
      ...parseSyslogLine(text, { receivedAt: now, zoneOffsetMinutes: zone.minutes() }),
      kind: 'line',
    }));
  }

  function gap(message: string): SyslogLine {
    const now = new Date(clock()).toISOString();
    return {
      seq: seq++,
      applianceId,
      receivedAt: now,
      time: now,
      host: null,
      program: null,
      pid: null,
      severity: null,
      severityFrom: null,
      message,
      kind: 'gap',
    };
  }

  function takeHistory(raw: readonly string[]): void {
    const isFirst = !hasHistory;
    hasHistory = true;
    if (isFirst) {
      keep(toLines(raw), true);
      settlePrimed();
      return;
    }
    const from = findContinuation(lastRaw, raw);
    if (from !== null) {
      keep(toLines(raw.slice(from)), false);
      return;
    }
    const since = lastLineAt === null ? 'the start' : new Date(lastLineAt).toISOString();
    const until = new Date(clock()).toISOString();
    keep([gap(`Lines may be missing here: nothing was read from ${since} to ${until}.`)], false);
    keep(toLines(raw), false);
  }

  function read(running: RemoteProcess, wanted: number): void {
    const split = createLineSplitter(maxLineBytes);
    let history: string[] | null = [];
    let pause: NodeJS.Timeout | undefined;
    const endHistory = () => {
      clearTimeout(pause);
      clearTimeout(limit);
      if (history === null) return;
      const raw = history;
      history = null;
      takeHistory(raw);
    };
    const limit = setTimeout(() => {
      // Also a log without a line is read by now.
      if (isCurrent() && !complaints.isPending()) setTrouble(null);
      endHistory();
    }, historyLimitMs);
    const complaints = watchTailComplaints({
      onUnreadable: (why) => {
        if (isCurrent()) complain(why);
      },
      onReadable: () => {
        if (isCurrent()) setTrouble(null);
      },
    });
    const isCurrent = () => process === running && !isStopped;
    running.stdout.on('data', (chunk: Buffer) => {
      if (!isCurrent()) return;
      const raw = split(chunk);
      if (raw.length === 0) return;
      complaints.clear();
      lastReason = null;
      failures = 0;
      setTrouble(null);
      if (history === null) {
        count(raw.length);
        keep(toLines(raw), false);
        return;
      }
      for (const line of raw) history.push(line);
      clearTimeout(pause);
      if (history.length >= wanted) endHistory();
      else pause = setTimeout(endHistory, historyPauseMs);
    });
    running.stderr.on('data', complaints.push);
    const ended = (exitCode: number | null) => {
      clearTimeout(pause);
      clearTimeout(limit);
      complaints.stop();
      if (!isCurrent()) return;
      if (history !== null && history.length > 0) endHistory();
      process = null;
      // Without an exit code the link broke, and its coming back starts the next attempt.
      if (exitCode === null) setTrouble(null);
      else complain(complaints.text() || `tail ended with exit code ${exitCode}`);
      restartLater();
    };
    void running.exited.then(({ exitCode }) => ended(exitCode));
  }

  function setTrouble(next: LogTrouble | null): void {
    if (trouble?.reason === next?.reason) return;
    trouble = next;
    options.onTrouble();
  }

  /** Says once, until a line arrives again, why none does. */
  function complain(why: string): void {
    const reason = why.startsWith(unreadableStart) ? why : `${unreadableStart}${why}`;
    setTrouble({ applianceId, reason, since: new Date(clock()).toISOString() });
    settlePrimed();
    if (reason === lastReason) return;
    lastReason = reason;
    keep([gap(reason)], false);
  }

  function restartLater(): void {
    restart = setTimeout(
      begin,
      growingDelayMs({ failures, firstMs: firstRestartDelayMs, maxMs: maxRestartDelayMs }),
    );
    failures += 1;
  }

  function begin(): void {
    clearTimeout(restart);
    if (isStopped || isStarting || process !== null) return;
    isStarting = true;
    const wanted = hasHistory ? ringSize : options.history;
    options
      .start(wanted)
      .then((started) => {
        isStarting = false;
        if (started === null) return settlePrimed();
        if (isStopped) return started.kill();
        process = started;
        return read(started, wanted);
      })
      .catch((thrown: unknown) => {
        isStarting = false;
        if (isLinkError(thrown)) settlePrimed();
        else complain(thrown instanceof Error ? thrown.message : 'unknown reason');
        restartLater();
      });
  }

  const stopListening = options.onLinkUp(() => {
    failures = 0;
    begin();
  });
  begin();

  return {
    lines: ring.lines,
    linesPerSecond: () => {
      const now = Math.floor(clock() / 1000);
      let sum = 0;
      for (let second = now - rateWindowSeconds; second < now; second += 1) sum += buckets.get(second) ?? 0;
      return sum / rateWindowSeconds;
    },
    trouble: () => trouble,
    primed,
    stop: () => {
      isStopped = true;
      clearTimeout(restart);
      stopListening();
      settlePrimed();
      process?.kill();
      process = null;
    },
  };
}
