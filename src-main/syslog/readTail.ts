import { maxLineBytes } from '../../src-shared/model/syslog/syslogParse.ts';
import { createLineSplitter } from '../../src-shared/node/lineSplitter.ts';
import type { RemoteProcess } from '../ssh/types.ts';
import { watchTailErrors } from './tailErrors.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** `tail` prints its old lines at once. A pause of this length means that all old lines have arrived. */
const historyPauseMs = 250;
const historyLimitMs = 2 * secondMs;

/**
 * Reads the output of a running `tail`: first the old lines, then each new line. Calls no callback once
 * `isCurrent` returns false.
 */
export function readTail(options: {
  process: RemoteProcess;
  /** Number of old lines that `tail` was asked for. */
  wanted: number;
  isCurrent: () => boolean;
  onHistory: (raw: readonly string[]) => void;
  onLines: (raw: readonly string[]) => void;
  onReadable: () => void;
  onUnreadable: (reason: string) => void;
  /** Another message of the command, e.g. that the log was truncated. */
  onNotice: (text: string) => void;
  /** `reason` is null if the link broke, because there is no exit status then. */
  onEnd: (reason: string | null) => void;
}): void {
  const { process, isCurrent } = options;
  const split = createLineSplitter(maxLineBytes);
  let history: string[] | null = [];
  let pause: NodeJS.Timeout | undefined;

  function endHistory(): void {
    clearTimeout(pause);
    clearTimeout(limit);
    if (history === null) return;
    const raw = history;
    history = null;
    options.onHistory(raw);
  }

  const tailErrors = watchTailErrors({
    isStarting: () => history !== null && history.length === 0,
    onUnreadable: (reason) => isCurrent() && options.onUnreadable(reason),
    onReadable: () => isCurrent() && options.onReadable(),
    onNotice: (text) => isCurrent() && options.onNotice(text),
  });
  const limit = setTimeout(() => {
    // Without lines and without an error message, the log is empty but readable.
    if (isCurrent() && !tailErrors.hasProblem()) options.onReadable();
    if (!tailErrors.hasProblem() || history?.length !== 0) endHistory();
  }, historyLimitMs);

  process.stdout.on('data', (chunk: Buffer) => {
    if (!isCurrent()) return;
    const raw = split(chunk);
    if (raw.length === 0) return;
    tailErrors.clear();
    options.onReadable();
    if (history === null) return options.onLines(raw);
    for (const line of raw) history.push(line);
    clearTimeout(pause);
    if (history.length >= options.wanted) endHistory();
    else pause = setTimeout(endHistory, historyPauseMs);
  });
  process.stderr.on('data', tailErrors.push);
  function onExit(exitCode: number | null): void {
    clearTimeout(pause);
    clearTimeout(limit);
    tailErrors.stop();
    if (!isCurrent()) return;
    if (history !== null && history.length > 0) endHistory();
    options.onEnd(exitCode === null ? null : tailErrors.text() || `tail ended with exit code ${exitCode}`);
  }
  void process.exited.then(({ exitCode }) => onExit(exitCode));
}
