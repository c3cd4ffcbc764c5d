import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../../../src-shared/errors.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';

/** A file's text, read as UTF-8. Throws INVALID_INPUT where it is none, can't be read or has more than `most` bytes. */
export async function readBounded(path: string, most: number): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      if (!(await file.stat()).isFile()) throw new AppError('INVALID_INPUT', `${path} is no file.`);
      const { bytesRead, buffer } = await file.read(Buffer.alloc(most + 1), 0, most + 1, 0);
      if (bytesRead > most) throw new AppError('INVALID_INPUT', `${path} is larger than ${most / 1024} kB.`);
      return buffer.subarray(0, bytesRead).toString('utf8');
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('INVALID_INPUT', `${path} can't be read.`, { cause });
  }
}

/** Why a new file or folder could not be made: ALREADY_EXISTS, followed by `hint`, where its place is taken, else INVALID_INPUT. */
export function notMade(path: string, cause: unknown, hint = 'it stays as it is'): AppError {
  return systemErrorCode(cause) === 'EEXIST'
    ? new AppError('ALREADY_EXISTS', `${path} is there already; ${hint}.`, { cause })
    : new AppError('INVALID_INPUT', `${path} can't be made.`, { cause });
}

/** Writes a file that was not there, readable by all. Throws ALREADY_EXISTS, INVALID_INPUT. */
export function writeNew(path: string, content: string | Buffer): void {
  try {
    writeFileSync(path, content, { flag: 'wx', mode: 0o644 });
  } catch (cause) {
    throw notMade(path, cause);
  }
}

/** Gives the open file the owner, group and exact mode of `before`: who could read that one must be able to read this. */
function takeOver(descriptor: number, before: { uid: number; gid: number; mode: number }): void {
  const made = fstatSync(descriptor);
  // Windows tells 0 for both of every file.
  if (made.uid !== before.uid || made.gid !== before.gid) {
    try {
      fchownSync(descriptor, before.uid, before.gid);
    } catch (cause) {
      throw new AppError('INVALID_INPUT', "its owner and group can't be kept", { cause });
    }
  }
  // After its owner, as a change of that clears bits of the mode.
  fchmodSync(descriptor, before.mode & 0o7777);
}

/**
 * Whole or not at all: the text goes beside the file first. Keeps the file's owner, group and mode, and a link to it.
 * Throws INVALID_INPUT and leaves the file as it was.
 */
export function replaceText(named: string, text: string): void {
  try {
    const file = realpathSync(named);
    const before = statSync(file);
    const beside = join(dirname(file), `.${basename(file)}.${process.pid}.new`);
    const descriptor = openSync(beside, 'wx', 0o600);
    try {
      try {
        writeFileSync(descriptor, text);
        takeOver(descriptor, before);
      } finally {
        closeSync(descriptor);
      }
      renameSync(beside, file);
    } catch (cause) {
      rmSync(beside, { force: true });
      throw cause;
    }
  } catch (cause) {
    const why = cause instanceof AppError ? `: ${cause.message}` : '';
    throw new AppError('INVALID_INPUT', `${named} can't be written${why}.`, { cause });
  }
}
