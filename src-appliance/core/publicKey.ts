import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { AppError } from '../../src-shared/errors.ts';
import { longestPublicKey, readPublicKey } from '../../src-shared/model/publicKey.ts';

export type PublicKey = { type: string; blob: string; fingerprint: string };

function invalid(reason: string): AppError {
  return new AppError('INVALID_INPUT', `not a public key: ${reason}`);
}

export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** Takes exactly one public key in OpenSSH's one-line form. Throws INVALID_INPUT, which never repeats the content. */
export function parsePublicKey(content: string): PublicKey {
  const { key, problem } = readPublicKey(content);
  if (key === null) throw invalid(problem);
  // What is stored is put together from type and blob alone.
  return { type: key.type, blob: key.blob, fingerprint: key.fingerprint };
}

/** Reads a key file that may be anything: a pipe, a folder, huge. `/dev/stdin` is the command's own input. */
export async function readPublicKeyFile(path: string, stdin: Readable): Promise<PublicKey> {
  if (path === '/dev/stdin') return parsePublicKey(await readBounded(stdin));
  let file;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw new AppError('INVALID_INPUT', `the key file cannot be read: ${code}`, { cause });
  }
  try {
    const status = await file.stat();
    if (!status.isFile()) throw invalid('not a regular file');
    if (status.size > longestPublicKey) throw invalid(`the file is larger than ${longestPublicKey} bytes`);
    return parsePublicKey(await file.readFile('utf8'));
  } finally {
    await file.close();
  }
}

async function readBounded(stdin: Readable): Promise<string> {
  let size = 0;
  return text(
    (async function* bounded() {
      for await (const chunk of stdin) {
        const bytes = Buffer.from(chunk);
        size += bytes.length;
        if (size > longestPublicKey) throw invalid(`more than ${longestPublicKey} bytes`);
        yield bytes;
      }
    })(),
  );
}
