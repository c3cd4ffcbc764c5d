import { constants, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { AppError } from '../../../src-shared/errors.ts';
import { withCallerRights } from '../callerRights.ts';
import { maxPublicKey, readPublicKey } from '../../../src-shared/model/tenants/publicKey.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';
import { readOpenBounded, readStreamBounded } from '../../../src-shared/node/files.ts';

export type PublicKey = { type: string; blob: string; fingerprint: string };

function invalid(reason: string): AppError {
  return new AppError('INVALID_INPUT', `not a public key: ${reason}`);
}

/**
 * Reads exactly one public key in OpenSSH's one-line form. Throws INVALID_INPUT. The message never quotes the
 * content.
 */
export function parsePublicKey(content: string): PublicKey {
  const { key, problem } = readPublicKey(content);
  if (key === null) throw invalid(problem);
  // Return only these fields, so that the stored line is built from type and blob alone.
  return { type: key.type, blob: key.blob, fingerprint: key.fingerprint };
}

/** Paths that mean the command's standard input: `-` [ours] and /dev/stdin. */
const ownInput = ['-', '/dev/stdin'];

/**
 * Reads a key from a path that may also be a pipe, a folder or a huge file. Opens it with the rights of the
 * user who called sudo, so that root doesn't reveal the content or existence of a file. Throws INVALID_INPUT.
 */
export async function readPublicKeyFile(path: string, stdin: Readable): Promise<PublicKey> {
  return parsePublicKey(ownInput.includes(path) ? await readInput(stdin) : readRegularFile(path));
}

function readRegularFile(path: string): string {
  let descriptor;
  try {
    descriptor = withCallerRights(() => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const code = systemErrorCode(cause) ?? 'unknown';
    const hint =
      code === 'EACCES' ? '; to use a file that only root may read, pass it on stdin: --pub-key -' : '';
    throw new AppError('INVALID_INPUT', `the key file cannot be read: ${code}${hint}`, { cause });
  }
  const file = readOpenBounded(descriptor, maxPublicKey);
  if (file === 'not-a-file') throw invalid('not a regular file');
  if (file === 'too-large') throw invalid(`the file is larger than ${maxPublicKey} bytes`);
  return file.content.toString('utf8');
}

async function readInput(stdin: Readable): Promise<string> {
  const content = await readStreamBounded(stdin, maxPublicKey);
  if (content === null) throw invalid(`more than ${maxPublicKey} bytes`);
  return content.toString('utf8');
}
