import { spawn } from 'node:child_process';
import { visibleLine } from '../../src-shared/base/machineText.ts';
import { serviceName } from '../core/sessions/serviceRecord.ts';
import { severities, type Severity } from '../../src-shared/model/syslog/syslogLine.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** Lines that come close together cost one process, not one each. */
const batchMs = 200;
/** After a logger failed. */
const retryMs = secondMs;
/** A log that takes nothing for so long has a logger wait no longer. */
const maxLoggerMs = 10 * secondMs;
/** More than these are counted and left out: a log that does not take them must not fill the memory. */
const maxLines = 4_000;

/** The facility `user` is 1, and a priority is 8 × facility + severity. */
function priorityOf(severity: Severity): number {
  return 8 + severities.indexOf(severity);
}

export type ServiceLog = (severity: Severity, message: string) => void;

/** Resolves with whether logger(1) took all of the text; one that a stopped log blocks is ended. */
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
      // No process or descriptor is free.
      resolve(false);
    }
  });
}

/**
 * Writes to the system's log with logger(1), which finds it again after it was restarted: one logger at a time, which gets
 * its lines again if it failed. `log` never throws; `drain` resolves once what was logged is written, or can't be.
 * `socketPath` is another log than the system's.
 */
export function createServiceLog(socketPath?: string) {
  let waiting: string[] = [];
  /** Lines that a logger has and that are not known to be written. */
  let held = 0;
  let omitted = 0;
  let timer: NodeJS.Timeout | undefined;
  let flushing = Promise.resolve();

  const flush = async (): Promise<void> => {
    const lines = waiting;
    const reported = omitted;
    waiting = [];
    held = lines.length;
    const report = reported > 0 ? [`<${priorityOf('warning')}>${reported} lines were left out`] : [];
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
