import { md5 } from '@noble/hashes/legacy.js';
import type { HostKey } from './hostKey.ts';
import { fingerprintSchema } from './hostKey.ts';
import { maxPublicKey, readPublicKey } from '../tenants/publicKey.ts';

/** The host key that an operator expects: a fingerprint, or a whole key. */
export type ExpectedKey = { form: 'sha256'; fingerprint: string } | { form: 'md5'; fingerprint: string };

/** OpenSSH's older form of a fingerprint, without `MD5:`: 16 pairs of hex digits with colons. */
export function md5FingerprintOf(blob: Uint8Array): string {
  return Array.from(md5(blob), (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/**
 * Reads `SHA256:…`, `MD5:…`, a public key line, or a line of `ssh-keygen -l` that contains one of the two fingerprints.
 * Returns null for any other text. Pure, and never throws.
 */
export function readExpectedKey(text: string): ExpectedKey | null {
  if (text.length > maxPublicKey) return null;
  const words = text.trim().split(/\s+/u);
  for (const word of words) {
    const sha256 = word.replace(/=$/u, '');
    if (fingerprintSchema.safeParse(sha256).success) return { form: 'sha256', fingerprint: sha256 };
    const hex = /^(?:MD5:)?((?:[0-9a-f]{2}:){15}[0-9a-f]{2})$/iu.exec(word)?.[1];
    if (hex !== undefined) return { form: 'md5', fingerprint: hex.toLowerCase() };
  }
  const [key] = [text, words.slice(1).join(' ')].flatMap((line) => readPublicKey(line).key ?? []);
  return key === undefined ? null : { form: 'sha256', fingerprint: key.fingerprint };
}

/** Whether an offered key is the expected one; `unreadable` if `expected` is neither a fingerprint nor a key. */
export function compareExpectedKey(offered: HostKey, expected: string): 'match' | 'mismatch' | 'unreadable' {
  const key = readExpectedKey(expected);
  if (key === null || (key.form === 'md5' && offered.md5 === undefined)) return 'unreadable';
  const actual = key.form === 'md5' ? offered.md5 : offered.fingerprint;
  return actual === key.fingerprint ? 'match' : 'mismatch';
}
