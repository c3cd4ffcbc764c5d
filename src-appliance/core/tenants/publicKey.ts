import type { Readable } from 'node:stream';
import { AppError } from '../../../src-shared/errors.ts';
import { readInput } from '../readInput.ts';
import { maxPublicKey, readPublicKey } from '../../../src-shared/model/tenants/publicKey.ts';

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

/**
 * Reads a key from a path that may also be a pipe, a folder or a huge file. Opens it with the rights of the
 * user who called sudo, so that root doesn't reveal the content or existence of a file. Throws INVALID_INPUT.
 */
export async function readPublicKeyFile(path: string, stdin: Readable): Promise<PublicKey> {
  const input = await readInput({
    path,
    stdin,
    maxBytes: maxPublicKey,
    name: 'key file',
    stdinArgument: '--pub-key -',
  });
  if ('content' in input) return parsePublicKey(input.content.toString('utf8'));
  throw invalid(
    input.problem === 'not-a-file' ? 'not a regular file' : `it is larger than ${maxPublicKey} bytes`,
  );
}
