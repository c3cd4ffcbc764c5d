import { closeSync, existsSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../../src-shared/errors.ts';

export type LogFile = {
  write: (line: string) => void;
  /** Opens the file again, because logrotate has renamed the old file. */
  reopen: () => void;
};

function print(line: string): void {
  process.stdout.write(line);
}

/**
 * `path` null: writes to standard output only. A line that can't be written is lost, because an error must
 * not stop the tunnels.
 */
export function openLogFile({ path, logsToStdout }: { path: string | null; logsToStdout: boolean }): LogFile {
  process.stdout.on('error', () => undefined);
  if (path === null) return { write: print, reopen: () => undefined };
  const open = (): number => openSync(path, 'a', 0o640);
  let descriptor: number;
  try {
    descriptor = open();
  } catch (cause) {
    const reason = existsSync(dirname(path))
      ? `the log file ${path} cannot be opened`
      : `there is no folder ${dirname(path)} for the log file`;
    throw new AppError('INVALID_INPUT', reason, { cause });
  }
  return {
    write: (line) => {
      if (logsToStdout) print(line);
      try {
        writeSync(descriptor, line);
      } catch {
        // For example, the disk is full. Later lines may be written again.
      }
    },
    reopen: () => {
      try {
        const before = descriptor;
        descriptor = open();
        closeSync(before);
      } catch {
        // Keep writing to the file that is already open.
      }
    },
  };
}
