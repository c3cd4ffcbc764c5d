import { closeSync, existsSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../../src-shared/errors.ts';

export type LogFile = {
  write: (line: string) => void;
  /** Continues in a new file of the same name, after logrotate moved the old one. */
  reopen: () => void;
};

function print(line: string): void {
  process.stdout.write(line);
}

/**
 * If a line can't be written it is lost, because the tunnels matter more. `path` null writes to standard output only.
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
        // For example, the disk is full. The next line may fit again.
      }
    },
    reopen: () => {
      try {
        const before = descriptor;
        descriptor = open();
        closeSync(before);
      } catch {
        // Keep using the open file.
      }
    },
  };
}
