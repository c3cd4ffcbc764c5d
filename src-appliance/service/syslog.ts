import { spawn } from 'node:child_process';
import { visibleLine } from '../../src-shared/base/machineText.ts';
import { serviceName } from '../core/sessions/serviceRecord.ts';
import { severities, type Severity } from '../../src-shared/model/syslog/syslogLine.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** Lines that are logged within this time are written by one logger process. */
const batchMs = 200;
/** Delay before a failed logger is started again. */
const retryMs = secondMs;
/** A logger that takes longer is killed, because the log is blocked. */
const maxLoggerMs = 10 * secondMs;
/**
 * Maximum number of waiting lines. Further lines are counted and dropped, so that a blocked log doesn't fill
 * the memory.
 */
const maxLines = 4_000;

/** Syslog priority: 8 × facility + severity. The facility `user` is 1. */
function priorityOf(severity: Severity): number {
  return 8 + severities.indexOf(severity);
}

export type ServiceLog = (severity: Severity, message: string) => void;

/**
 * Resolves with true if logger(1) has written all of the text. Kills the logger if a blocked log delays it
 * too long.
 */
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
      // The process can't be started: too many processes or open files.
      resolve(false);
    }
  });
}

/**
 * Writes to the system log through logger(1), which connects again after a restart of the log. Runs one
 * logger at a time and writes the lines of a failed logger again. `log` never throws. `drain` resolves when
 * all lines are written or can't be written. `socketPath`: another log than the system's.
 */
export function createServiceLog(socketPath?: string) {
  let waiting: string[] = [];
  /** Number of lines that a running logger is writing. */
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
