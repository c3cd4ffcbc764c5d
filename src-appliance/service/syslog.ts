import { spawn } from 'node:child_process';
import { visibleLine } from '../../src-shared/base/machineText.ts';
import { serviceName } from '../core/sessions/serviceRecord.ts';
import { severities, type Severity } from '../../src-shared/model/syslog/syslogLine.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** Lines that come close together share one process. */
const batchMs = 200;
/** Delay after a logger failed. */
const retryMs = secondMs;
/** A logger that is blocked for longer is ended. */
const maxLoggerMs = 10 * secondMs;
/** Further lines are counted and dropped, so that a blocked log does not fill the memory. */
const maxLines = 4_000;

/** The facility `user` is 1, and a priority is 8 × facility + severity. */
function priorityOf(severity: Severity): number {
  return 8 + severities.indexOf(severity);
}

export type ServiceLog = (severity: Severity, message: string) => void;

/** Resolves with whether logger(1) took all of the text. Ends a logger that a blocked log holds up. */
function runLogger(text: string, socketPath: string | undefined): Promise<boolean> {
  const options = [
    '--tag',
    serviceName,
    `--id=${process.pid}`,
    '--prio-prefix',
    '--size',
    '4096',
    '--socket-errors=on',
  ];
  const socket = socketPath === undefined ? [] : ['--socket', socketPath];
  return new Promise((resolve) => {
    try {
      const logger = spawn('logger', [...options, ...socket], {
        stdio: ['pipe', 'ignore', 'ignore'],
        timeout: maxLoggerMs,
        killSignal: 'SIGKILL',
      });
      logger.on('error', () => resolve(false));
      logger.on('close', (code) => resolve(code === 0));
      logger.stdin.on('error', () => undefined);
      logger.stdin.end(text);
    } catch {
      // No process or file descriptor is available.
      resolve(false);
    }
  });
}

/**
 * Writes to the system's log with logger(1), which still finds the log after a restart of the log. Runs one logger at a
 * time, and repeats the lines of a failed one. `log` never throws; `drain` resolves once all lines are written, or
 * can't be. `socketPath` selects another log than the system's.
 */
export function createServiceLog(socketPath?: string) {
  let waiting: string[] = [];
  /** Lines that were passed to a logger but may not be written yet. */
  let held = 0;
  let omitted = 0;
  let timer: NodeJS.Timeout | undefined;
  let flushing = Promise.resolve();

  const flush = async (): Promise<void> => {
    const lines = waiting;
    const reported = omitted;
    waiting = [];
    held = lines.length;
    const report = reported > 0 ? [`<${priorityOf('warning')}>${reported} lines were dropped`] : [];
    const isWritten = await runLogger([...lines, ...report].map((line) => `${line}\n`).join(''), socketPath);
    held = 0;
    if (isWritten) omitted -= reported;
    else waiting = [...lines, ...waiting];
    timer = undefined;
    if (waiting.length > 0) plan(isWritten ? batchMs : retryMs);
  };
  const plan = (milliseconds: number): void => {
    timer = setTimeout(() => {
      flushing = flush();
    }, milliseconds);
  };
  const log: ServiceLog = (severity, message) => {
    if (waiting.length + held >= maxLines) {
      omitted += 1;
      return;
    }
    waiting.push(`<${priorityOf(severity)}>${visibleLine(message)}`);
    if (timer === undefined) plan(batchMs);
  };
  return {
    log,
    drain: async (): Promise<void> => {
      await flushing;
      clearTimeout(timer);
      if (waiting.length > 0) await (flushing = flush());
    },
  };
}
