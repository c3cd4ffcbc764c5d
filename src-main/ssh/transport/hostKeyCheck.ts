import { createHash } from 'node:crypto';
import { AppError } from '../../../src-shared/errors.ts';
import type { HostKey } from '../../../src-shared/model/appliance/hostKey.ts';
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
