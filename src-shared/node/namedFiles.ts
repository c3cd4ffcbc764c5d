import { accessSync, constants, lstatSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { decodeText } from '../base/textEncoding.ts';
import { AppError } from '../errors.ts';
import { systemErrorCode } from './systemErrorCode.ts';
import { readBounded, readStreamBounded, replaceFile } from './files.ts';

const sizeText = (bytes: number) => (bytes < 1024 ** 2 ? `${bytes / 1024} kB` : `${bytes / 1024 ** 2} MB`);

/**
 * Reads a file. Throws INVALID_INPUT if the file can't be read, is no regular file, or is larger than
 * `maxBytes`.
 */
function readFile(path: string, maxBytes: number): Buffer {
  let file: ReturnType<typeof readBounded>;
  try {
    file = readBounded(path, { maxBytes });
  } catch (cause) {
    throw new AppError('INVALID_INPUT', `${path} can’t be read.`, { cause });
  }
  if (file === 'not-a-file') throw new AppError('INVALID_INPUT', `${path} is not a file.`);
  if (file === 'too-large')
    throw new AppError('INVALID_INPUT', `${path} is larger than ${sizeText(maxBytes)}.`);
  return file.content;
}

/** Reads a UTF-8 file. Throws like `readFile`. */
export function readTextFile(path: string, maxBytes: number): string {
  return readFile(path, maxBytes).toString('utf8');
}

/** Reads a file in UTF-8 or UTF-16, as spreadsheets write it. Throws like `readFile`. */
export function readTableFile(path: string, maxBytes: number): string {
  return decodeText(readFile(path, maxBytes));
}

/** Reads standard input as UTF-8. Throws INVALID_INPUT if it is larger than `maxBytes`. */
export async function readInputText(maxBytes: number): Promise<string> {
  const content = await readStreamBounded(process.stdin, maxBytes);
  if (content === null)
    throw new AppError('INVALID_INPUT', `Standard input is larger than ${sizeText(maxBytes)}.`);
  return content.toString('utf8');
}

/**
 * Creates the error for a file or folder that can't be created: ALREADY_EXISTS with `hint` in its message if
 * it exists, else INVALID_INPUT.
 */
export function creationError(path: string, cause: unknown, hint = 'it was not changed'): AppError {
  return systemErrorCode(cause) === 'EEXIST'
    ? new AppError('ALREADY_EXISTS', `${path} already exists; ${hint}.`, { cause })
    : new AppError('INVALID_INPUT', `${path} can’t be created.`, { cause });
}

/** Throws INVALID_INPUT if `path` is no folder in which files can be created. For a check before work that fills it. */
export function assertWritableFolder(path: string): void {
  try {
    // A folder in which files can be created is one that can also be searched.
    if (!statSync(path).isDirectory()) throw new Error('it is no folder');
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', `${path} is not a folder in which files can be created.`, { cause });
  }
}

/** Also a link that leads nowhere is there. */
function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Throws ALREADY_EXISTS or INVALID_INPUT if it is known already that `writeNewFile` would fail. For a check before work whose
 * result the file gets.
 */
export function assertNewFile(path: string): void {
  assertWritableFolder(dirname(path));
  if (isThere(path)) throw new AppError('ALREADY_EXISTS', `${path} already exists; it was not changed.`);
}

/** Writes a new file that all users can read. Throws ALREADY_EXISTS or INVALID_INPUT. */
export function writeNewFile(path: string, content: string | Buffer): void {
  try {
    writeFileSync(path, content, { flag: 'wx', mode: 0o644 });
  } catch (cause) {
    throw creationError(path, cause);
  }
}

/**
 * Replaces the text of a file atomically. Keeps its owner, group, mode and symbolic links. If that fails,
 * throws INVALID_INPUT and leaves the file unchanged.
 */
export function replaceText(named: string, text: string): void {
  try {
    const path = realpathSync(named);
    const { mode, uid, gid } = statSync(path);
    replaceFile({ path, data: text, mode, owner: { uid, gid } });
  } catch (cause) {
    const reason = cause instanceof AppError ? `: ${cause.message}` : '';
    throw new AppError('INVALID_INPUT', `${named} can’t be written${reason}.`, { cause });
  }
}
