import { spawn } from 'node:child_process';
import { visibleLine } from '../../src-shared/model/machineText.ts';
import { serviceName } from '../core/serviceRecord.ts';
import { severities, type Severity } from '../../src-shared/model/syslogLine.ts';

/** Lines that come close together cost one process, not one each. */
const batchMs = 200;
/** More than these are counted and left out: a log that does not take them must not fill the memory. */
const maxLines = 4_000;

/** The facility `user` is 1, and a priority is 8 × facility + severity. */
function priorityOf(severity: Severity): number {
  return 8 + severities.indexOf(severity);
}

export type ServiceLog = (severity: Severity, message: string) => void;

/** Writes to the system's log with logger(1), which finds it again after it was restarted. Never throws. */
export function createServiceLog(socketPath: string | undefined): ServiceLog {
  let lines: string[] = [];
  let omitted = 0;
  const flush = () => {
    const options = ['--tag', serviceName, `--id=${process.pid}`, '--prio-prefix', '--size', '4096'];
    const socket = socketPath === undefined ? [] : ['--socket', socketPath];
    const logger = spawn('logger', [...options, ...socket], { stdio: ['pipe', 'ignore', 'ignore'] });
    logger.on('error', () => undefined);
    logger.stdin.on('error', () => undefined);
    if (omitted > 0) lines.push(`<${priorityOf('warning')}>${omitted} lines were left out`);
    logger.stdin.end(lines.map((line) => `${line}\n`).join(''));
    lines = [];
    omitted = 0;
  };
  return (severity, message) => {
    if (lines.length >= maxLines) {
      omitted += 1;
      return;
    }
    if (lines.length === 0) setTimeout(flush, batchMs);
    lines.push(`<${priorityOf(severity)}>${visibleLine(message)}`);
  };
}
