import { randomUUID } from 'node:crypto';
import type { LogTrouble, SyslogBatch } from '../../src-shared/contract/syslog.ts';
import type { SyslogLine } from '../../src-shared/model/syslog/syslogLine.ts';
import { createLineRing } from './lineRing.ts';

export const batchLines = 500;
export const maxBatchesAhead = 8;
/** The page draws at this rate, so smaller batches would only cost it time. */
const batchMs = 500;
/**
 * Maximum number of lines that wait for a slow reader. The oldest lines above it are dropped and counted.
 */
export const maxQueuedLines = 20_000;
/** Maximum size of the waiting lines in bytes, because one line may be 64 kB long. */
export const maxQueuedBytes = 16 * 1024 * 1024;

/**
 * The stream of log lines to one page. Sends at most eight batches more than the page has acknowledged.
 */
export type LogReader = {
  streamId: string;
  push: (lines: readonly SyslogLine[]) => void;
  /**
   * Adds old lines. Old lines that don't fit are not counted as dropped, because the page only asked for the
   * newest ones.
   */
  pushHistory: (lines: readonly SyslogLine[]) => void;
  /** Removes rows of gaps that are over: those that wait, and by the next batch those that were sent. */
  remove: (applianceId: string, seqs: readonly number[]) => void;
  ack: (batch: number) => void;
  /** Sends a batch at once, even without lines, because the set of logs that can't be read has changed. */
  sendBatchNow: () => void;
  batches: (signal: AbortSignal) => AsyncGenerator<SyslogBatch, void, void>;
};

export function createLogReader(options: {
  linesPerSecond: () => number;
  unreadable: () => LogTrouble[];
}): LogReader {
  const streamId = randomUUID();
  const queue = createLineRing({ maxLines: maxQueuedLines, maxBytes: maxQueuedBytes });
  let dropped = 0;
  let next = 0;
  let acked = -1;
  let resolveWait: (() => void) | null = null;
  let hasNews = false;
  let removed: NonNullable<SyslogBatch['removed']> = [];

  function wake(): void {
    resolveWait?.();
  }

  function takeBatch(): SyslogBatch {
    const lines = queue.shift(batchLines);
    const batch = {
      streamId,
      batch: next,
      lines,
      dropped,
      linesPerSecond: options.linesPerSecond(),
      unreadable: options.unreadable(),
      ...(removed.length === 0 ? {} : { removed }),
    };
    removed = [];
    hasNews = false;
    next += 1;
    dropped = 0;
    return batch;
  }

  async function* batches(signal: AbortSignal): AsyncGenerator<SyslogBatch, void, void> {
    signal.addEventListener('abort', wake);
    try {
      // The page needs the stream's ID, so the first batch is sent even if there are no lines yet.
      yield takeBatch();
      while (!signal.aborted) {
        if ((queue.lines().length === 0 && !hasNews) || next - acked > maxBatchesAhead) {
          await new Promise<void>((resolve) => {
            resolveWait = resolve;
          });
          continue;
        }
        if (queue.lines().length < batchLines) {
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, batchMs);
            resolveWait = () => {
              if (queue.lines().length < batchLines && !signal.aborted) return;
              clearTimeout(timer);
              resolve();
            };
          });
          resolveWait = null;
          if (signal.aborted) return;
        }
        yield takeBatch();
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  return {
    streamId,
    push: (lines) => {
      dropped += queue.push(lines);
      wake();
    },
    pushHistory: (lines) => {
      queue.push(lines);
      wake();
    },
    remove: (applianceId, seqs) => {
      const waiting = new Set(queue.remove(applianceId, new Set(seqs)));
      const sent = seqs.filter((seq) => !waiting.has(seq)).map((seq) => ({ applianceId, seq }));
      if (sent.length === 0) return;
      removed = [...removed, ...sent].slice(-maxQueuedLines);
      hasNews = true;
      wake();
    },
    ack: (batch) => {
      // Ignore numbers above the last sent batch.
      acked = Math.max(acked, Math.min(batch, next - 1));
      wake();
    },
    sendBatchNow: () => {
      hasNews = true;
      wake();
    },
    batches,
  };
}
