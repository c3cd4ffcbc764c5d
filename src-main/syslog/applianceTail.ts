import { AppError } from '../../src-shared/errors.ts';
import type { SyslogLine } from '../../src-shared/model/syslog/syslogLine.ts';
import { growingDelayMs } from '../../src-shared/base/backOff.ts';
import type { RemoteProcess } from '../ssh/types.ts';
import { createLineRate } from './lineRate.ts';
import { readTail } from './readTail.ts';
import { createReadTrouble } from './readTrouble.ts';
import { createTailLines, maxKeptLines } from './tailLines.ts';

/**
 * The delay before a restart. Doubled after each failure, because each refused sudo adds a line to the
 * appliance's auth log.
 */
const restartDelays = { firstMs: 3_000, maxMs: 60_000 };

/** Whether the link caused the error. The page shows such errors at the link, not at the log. */
function isLinkError(thrown: unknown): boolean {
  return thrown instanceof AppError && (thrown.code === 'LINK_LOST' || thrown.code === 'LINK_NOT_READY');
}

/**
 *   waiting ──(link up)──► starting ──(first line or pause)──► catching up ──(history read)──► following
 *      ▲                      │                                    │                               │
 *      └──────────────────────┴────────── tail ended ──────────────┴───────────────────────────────┘
 */
export function createApplianceTail(options: {
  applianceId: string;
  history: number;
  /** Starts a tail. Rejects, or resolves with null, if the link is down or has no free channel. */
  start: (lines: number) => Promise<RemoteProcess | null>;
  /**
   * Why the log can't be followed now. Null if it can, perhaps by another command. Rejects if that can't be
   * checked.
   */
  findProblem: () => Promise<string | null>;
  /** Registers a listener that is called whenever the link comes up. */
  onLinkUp: (listener: () => void) => () => void;
  onLines: (lines: readonly SyslogLine[], isFirstHistory: boolean) => void;
  /** Called when the result of `trouble` has changed. */
  onTrouble: () => void;
  clock: () => number;
}) {
  const lines = createTailLines(options);
  const trouble = createReadTrouble({ ...options, onGap: lines.addGap });
  const rate = createLineRate(options.clock);
  const historyRead = Promise.withResolvers<void>();
  let process: RemoteProcess | null = null;
  let isStarting = false;
  let isStopped = false;
  let restart: NodeJS.Timeout | undefined;
  let failures = 0;
  /** Counts the problems to explain, so that only the last one is reported. */
  let explained = 0;

  function reportUnreadable(why: string): void {
    historyRead.resolve();
    trouble.report(why);
  }

  /**
   * Finds the reason for a problem that a running tail reports, because tail only prints the first one: a
   * missing log that returns without permission stays "missing".
   */
  function explainProblem(running: RemoteProcess, why: string): void {
    explained += 1;
    const number = explained;
    const finish = (reason: string | null): void => {
      if (process !== running || isStopped || number !== explained) return;
      if (reason !== null) return reportUnreadable(reason);
      // It can be read again, or only in another way.
      process = null;
      running.kill();
      restartLater();
    };
    options.findProblem().then(finish, () => finish(why));
  }

  /** Ends the search for a reason, because the log can be read. */
  function recover(): void {
    explained += 1;
    trouble.recover();
  }

  function resetFailures(): void {
    trouble.noteLine();
    failures = 0;
  }

  function read(running: RemoteProcess, wanted: number): void {
    readTail({
      process: running,
      wanted,
      isCurrent: () => process === running && !isStopped,
      onHistory: (raw) => {
        if (raw.length > 0) resetFailures();
        lines.addHistory(raw);
        historyRead.resolve();
      },
      onLines: (raw) => {
        resetFailures();
        rate.add(raw.length);
        lines.add(raw);
      },
      onReadable: recover,
      onUnreadable: (why) => explainProblem(running, why),
      onNotice: lines.addGap,
      onEnd: (reason) => {
        process = null;
        // The link broke, so the next attempt starts when the link is up again.
        if (reason === null) trouble.clear();
        else reportUnreadable(reason);
        restartLater();
      },
    });
  }

  function restartLater(): void {
    restart = setTimeout(begin, growingDelayMs({ failures, ...restartDelays }));
    failures += 1;
  }

  function begin(): void {
    clearTimeout(restart);
    if (isStopped || isStarting || process !== null) return;
    isStarting = true;
    const wanted = lines.hasHistory() ? maxKeptLines : options.history;
    options
      .start(wanted)
      .then((started) => {
        isStarting = false;
        if (started === null) return historyRead.resolve();
        if (isStopped) return started.kill();
        process = started;
        return read(started, wanted);
      })
      .catch((thrown: unknown) => {
        isStarting = false;
        if (isLinkError(thrown)) historyRead.resolve();
        else reportUnreadable(thrown instanceof Error ? thrown.message : 'unknown reason');
        restartLater();
      });
  }

  const stopListening = options.onLinkUp(() => {
    failures = 0;
    begin();
  });
  begin();

  return {
    /** The lines in memory, oldest first. */
    lines: lines.list,
    /** Null while the log can’t be read. */
    linesPerSecond: () => (trouble.current() === null ? rate.perSecond() : null),
    /** Why the log can't be read now. Null if it can be read, or while the link is down. */
    trouble: trouble.current,
    /** Resolves once the old lines are read or the first attempt has failed. */
    historyRead: historyRead.promise,
    stop: () => {
      isStopped = true;
      clearTimeout(restart);
      stopListening();
      historyRead.resolve();
      process?.kill();
      process = null;
    },
  };
}

export type ApplianceTail = ReturnType<typeof createApplianceTail>;
