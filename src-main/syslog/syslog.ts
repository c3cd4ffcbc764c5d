import type { SyslogBatch } from '../../src-shared/contract/syslog.ts';
import { AppError } from '../../src-shared/errors.ts';
import type { SyslogLine } from '../../src-shared/model/syslog/syslogLine.ts';
import type { RemoteProcess } from '../ssh/types.ts';
import type { ApplianceTail } from './applianceTail.ts';
import { maxKeptLines } from './tailLines.ts';
import { createLogReader, type LogReader } from './reader.ts';

/** Minimum number of old lines to read, so that the ring already contains some for the next reader. */
const minHistory = 1_000;

/** What tails need from the rest of the console. */
export type TailSource = {
  /** Keeps the links up until the returned function is called. */
  hold: (applianceIds: readonly string[]) => () => void;
  /** Starts `tail` on an appliance. Resolves with null while the link is down. */
  start: (applianceId: string, lines: number) => Promise<RemoteProcess | null>;
  /** Starts the script that lists and reads the log's files. Rejects with LINK_NOT_READY while the link is down. */
  startScript: (applianceId: string, words: readonly string[]) => Promise<RemoteProcess>;
  /** Why the log can't be followed now. Null if it can. */
  findProblem: (applianceId: string) => Promise<string | null>;
  onLinkUp: (applianceId: string, listener: () => void) => () => void;
  onRemoved: (listener: (applianceId: string) => void) => () => void;
};

export type Syslog = {
  /** Yields the last `lines` of each appliance, then new lines, until `signal` aborts. */
  tail: (request: {
    applianceIds: readonly string[];
    lines: number;
    signal: AbortSignal;
  }) => AsyncGenerator<SyslogBatch, void, void>;
  /** Acknowledges a batch. Ignores an unknown stream, because the stream may have just ended. */
  ack: (streamId: string, batch: number) => void;
  /** Resolves with the last `lines` of one appliance, oldest first. Rejects with LOG_UNREADABLE. */
  readLast: (applianceId: string, lines: number) => Promise<readonly SyslogLine[]>;
  /**
   * Follows a log without a reader until the returned function is called, so that a later reader finds recent
   * lines.
   */
  follow: (applianceId: string) => () => void;
  /** The rate of new lines. Null while this appliance's log is not followed or can't be read. */
  linesPerSecond: (applianceId: string) => number | null;
  close: () => void;
};

type SharedTail = {
  tail: ApplianceTail;
  readers: Set<{ reader: LogReader; lines: number }>;
  users: number;
  release: () => void;
  linger: NodeJS.Timeout | undefined;
};

/**
 * Follows each log once for all its readers. The tail keeps running for `lingerMs` after its last
 * reader has left.
 */
export function createSyslog(options: {
  source: Pick<TailSource, 'hold' | 'onRemoved'>;
  /** Follows one log. */
  startTail: (options: {
    applianceId: string;
    /** Number of old lines. */
    history: number;
    onLines: (lines: readonly SyslogLine[], isFirstHistory: boolean) => void;
    /** Gaps are over: their rows have these numbers. */
    onRowsRemoved: (seqs: readonly number[]) => void;
    /** Called when the result of `trouble` has changed. */
    onTrouble: () => void;
  }) => ApplianceTail;
  lingerMs: number;
}): Syslog {
  const { source } = options;
  const shared = new Map<string, SharedTail>();
  const readers = new Map<string, LogReader>();
  const closing = new AbortController();

  function open(applianceId: string, lines: number): SharedTail {
    const known = shared.get(applianceId);
    if (known !== undefined) return known;
    const group: SharedTail['readers'] = new Set();
    const release = source.hold([applianceId]);
    const tail = options.startTail({
      applianceId,
      history: Math.min(maxKeptLines, Math.max(lines, minHistory)),
      onLines: (arrived, isFirstHistory) => {
        for (const { reader, lines: wanted } of group)
          if (isFirstHistory) reader.pushHistory(lastOf(arrived, wanted));
          else reader.push(arrived);
      },
      onRowsRemoved: (seqs) => {
        for (const { reader } of group) reader.remove(applianceId, seqs);
      },
      onTrouble: () => {
        for (const { reader } of group) reader.sendBatchNow();
      },
    });
    const opened = { tail, readers: group, users: 0, release, linger: undefined };
    shared.set(applianceId, opened);
    return opened;
  }

  function end(applianceId: string): void {
    const found = shared.get(applianceId);
    if (found === undefined) return;
    clearTimeout(found.linger);
    shared.delete(applianceId);
    found.tail.stop();
    found.release();
  }

  function use(
    applianceId: string,
    lines: number,
    lingerMs = options.lingerMs,
  ): { one: SharedTail; leave: () => void } {
    const one = open(applianceId, lines);
    clearTimeout(one.linger);
    one.users += 1;
    return {
      one,
      leave: () => {
        one.users -= 1;
        if (one.users > 0 || shared.get(applianceId) !== one) return;
        if (lingerMs === 0) return end(applianceId);
        one.linger = setTimeout(() => end(applianceId), lingerMs);
        one.linger.unref();
      },
    };
  }

  const stopRemoved = source.onRemoved(end);

  return {
    tail: async function* tail(request) {
      const ids = [...new Set(request.applianceIds)];
      const used: ReturnType<typeof use>[] = [];
      const signal = AbortSignal.any([request.signal, closing.signal]);
      const reader = createLogReader({
        linesPerSecond: () => used.reduce((sum, { one }) => sum + (one.tail.linesPerSecond() ?? 0), 0),
        unreadable: () => used.flatMap(({ one }) => one.tail.trouble() ?? []),
      });
      const member = { reader, lines: request.lines };
      try {
        for (const id of ids) used.push(use(id, request.lines));
        readers.set(reader.streamId, reader);
        const kept = used.flatMap(({ one }) => lastOf(one.tail.lines(), request.lines));
        reader.pushHistory(ids.length === 1 ? kept : kept.sort(byTime));
        for (const { one } of used) one.readers.add(member);
        yield* reader.batches(signal);
      } finally {
        readers.delete(reader.streamId);
        for (const { one, leave } of used) {
          one.readers.delete(member);
          leave();
        }
      }
    },
    ack: (streamId, batch) => readers.get(streamId)?.ack(batch),
    readLast: async (applianceId, lines) => {
      const { one, leave } = use(applianceId, lines);
      try {
        await one.tail.historyRead;
        const trouble = one.tail.trouble();
        if (trouble !== null) throw new AppError('LOG_UNREADABLE', trouble.reason);
        return lastOf(one.tail.lines(), lines);
      } finally {
        leave();
      }
    },
    follow: (applianceId) => use(applianceId, maxKeptLines, 0).leave,
    linesPerSecond: (applianceId) => shared.get(applianceId)?.tail.linesPerSecond() ?? null,
    close: () => {
      closing.abort();
      stopRemoved();
      for (const id of shared.keys()) end(id);
    },
  };
}

/** The last `count` lines, with the gaps between them and after them. */
export function lastOf(rows: readonly SyslogLine[], count: number): SyslogLine[] {
  if (count === 0) return [];
  let left = count;
  const first = rows.findLastIndex(({ kind }) => {
    if (kind === 'line') left -= 1;
    return left === 0;
  });
  return rows.slice(Math.max(0, first));
}

function byTime(a: SyslogLine, b: SyslogLine): number {
  return (a.time ?? a.receivedAt).localeCompare(b.time ?? b.receivedAt);
}
