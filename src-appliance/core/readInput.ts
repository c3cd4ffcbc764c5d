import { constants, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { AppError } from '../../src-shared/errors.ts';
import { readOpenBounded, readStreamBounded } from '../../src-shared/node/files.ts';
import { systemErrorCode } from '../../src-shared/node/systemErrorCode.ts';
import { withCallerRights } from './callerRights.ts';

/** Paths that mean the command's standard input: `-` [ours] and /dev/stdin. */
const ownInput = ['-', '/dev/stdin'];

/** No text may stand for a problem, because a caller could take it for the content. */
type Input = { content: Buffer } | { problem: 'not-a-file' | 'too-large' };

/**
 * Reads a file, or stdin for `-` and if there is no path, up to `maxBytes`. Opens a file with the rights of the user who
 * called sudo, and doesn't wait for a pipe. Throws INVALID_INPUT if the file can't be opened.
 */
export async function readInput(source: {
  path: string | undefined;
  stdin: Readable;
  maxBytes: number;
  /** How errors name the file, e.g. `key file`. */
  name: string;
  /** The argument that means stdin, e.g. `--pub-key -`. */
  stdinArgument: string;
}): Promise<Input> {
  const { path = '-', stdin, maxBytes, name, stdinArgument } = source;
  if (ownInput.includes(path)) {
    const content = await readStreamBounded(stdin, maxBytes);
    return content === null ? { problem: 'too-large' } : { content };
  }
  let descriptor;
  try {
    descriptor = withCallerRights(() => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const code = systemErrorCode(cause) ?? 'unknown';
    const hint =
      code === 'EACCES' ? `; to use a file that only root may read, pass it on stdin: ${stdinArgument}` : '';
    throw new AppError('INVALID_INPUT', `the ${name} cannot be read: ${code}${hint}`, { cause });
  }
  const file = readOpenBounded(descriptor, maxBytes);
  return typeof file === 'string' ? { problem: file } : { content: file.content };
}
