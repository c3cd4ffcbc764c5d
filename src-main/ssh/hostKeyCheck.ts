import { createHash } from 'node:crypto';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import { AppError } from '../../src-shared/errors.ts';
import type { HostKey } from '../../src-shared/model/hostKey.ts';
import { readSshString } from './wire.ts';

/** OpenSSH's fingerprint: SHA-256 over the key's wire form, base64 without padding. */
export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** The key as the server sent it: its type is the first string in the wire form (RFC 4253, 6.6). */
export function hostKeyFromBlob(blob: Buffer): HostKey {
  const type = readSshString(blob, 0);
  if (type === null || type.value.length > 64)
    throw new AppError('CONNECT_FAILED', 'The server sent a malformed host key.');
  return { type: type.value.toString('latin1'), fingerprint: fingerprintOf(blob) };
}

const preferred: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
];

/**
 * Host key algorithms in the order to ask for them: those of pinned keys first, so that a server with several keys
 * shows the one that is known, and a key it gained is no alarm. An `ssh-rsa` key signs with SHA-2 where it can.
 */
export function hostKeyAlgorithms(pinnedTypes: readonly string[]): ServerHostKeyAlgorithm[] {
  const isPinned = (algorithm: ServerHostKeyAlgorithm) =>
    pinnedTypes.includes(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm);
  return [...preferred.filter(isPinned), ...preferred.filter((algorithm) => !isPinned(algorithm))];
}
