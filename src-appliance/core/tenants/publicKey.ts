import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { AppError } from '../../../src-shared/errors.ts';
import { withCallerRights } from '../callerRights.ts';
import { maxPublicKey, readPublicKey } from '../../../src-shared/model/tenants/publicKey.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';

export type PublicKey = { type: string; blob: string; fingerprint: string };

function invalid(reason: string): AppError {
  return new AppError('INVALID_INPUT', `not a public key: ${reason}`);
}

/** Takes exactly one public key in OpenSSH's one-line form. Throws INVALID_INPUT, which never repeats the content. */
export function parsePublicKey(content: string): PublicKey {
  const { key, problem } = readPublicKey(content);
  if (key === null) throw invalid(problem);
  // What is stored is put together from type and blob alone.
  return { type: key.type, blob: key.blob, fingerprint: key.fingerprint };
}

/** `-` [ours], and the path that stands for it: the command's own input. */
const ownInput = ['-', '/dev/stdin'];

/**
 * Reads a key file that may be anything: a pipe, a folder, huge. It is opened with the rights of the user who called sudo,
 * so that root does not reveal what a file holds, or whether it exists. Throws INVALID_INPUT.
 */
export async function readPublicKeyFile(path: string, stdin: Readable): Promise<PublicKey> {
  return parsePublicKey(ownInput.includes(path) ? await readBounded(stdin) : readRegularFile(path));
}

function readRegularFile(path: string): string {
  let file;
  try {
    file = withCallerRights(() => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const hint = '; a file that only root may read can be given on stdin: --pub-key -';
    const code = systemErrorCode(cause) ?? 'unknown';
    throw new AppError(
      'INVALID_INPUT',
      `the key file cannot be read: ${code}${code === 'EACCES' ? hint : ''}`,
      {
        cause,
      },
    );
  }
  try {
    if (!fstatSync(file).isFile()) throw invalid('not a regular file');
    const content = Buffer.alloc(maxPublicKey + 1);
    let size = 0;
    for (let count = -1; count !== 0 && size < content.length; size += count)
      count = readSync(file, content, size, content.length - size, null);
    if (size > maxPublicKey) throw invalid(`the file is larger than ${maxPublicKey} bytes`);
    return content.toString('utf8', 0, size);
  } finally {
    closeSync(file);
  }
}

async function readBounded(stdin: Readable): Promise<string> {
  let size = 0;
  return text(
    (async function* bounded() {
      for await (const chunk of stdin) {
        const bytes = Buffer.from(chunk);
        size += bytes.length;
        if (size > maxPublicKey) throw invalid(`more than ${maxPublicKey} bytes`);
        yield bytes;
      }
    })(),
  );
}
