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

const everyFingerprint =
  /(?<![\w+/])(?:SHA256:(?<sha256>[\w+/]{43})(?![\w+/])|(?:MD5:)?(?<md5>(?:[0-9a-f]{2}:){15}[0-9a-f]{2})(?![\w:]))/giu;

function readFingerprint(text: string): ExpectedKey | null {
  const bare = /^[A-Za-z0-9+/]{43}=?$/u.test(text) ? `SHA256:${text}` : text;
  const all = [...bare.matchAll(everyFingerprint)].map(({ groups = {} }): ExpectedKey => {
    const { sha256, md5: hex = '' } = groups;
    return sha256 === undefined
      ? { form: 'md5', fingerprint: hex.toLowerCase() }
      : { form: 'sha256', fingerprint: `SHA256:${sha256}` };
  });
  const [first] = all;
  // Two keys of the same form: which one is meant is not known.
  const isCertain = all.every(
    ({ form, fingerprint }) => form !== first?.form || fingerprint === first.fingerprint,
  );
  if (first === undefined || !isCertain) return null;
  return first.form === 'md5' || fingerprintSchema.safeParse(first.fingerprint).success ? first : null;
}

/**
 * Reads `SHA256:…`, `MD5:…`, a public key line, or a text that contains one fingerprint, such as a line of `ssh-keygen -l`
 * or ssh's question about a new host key. Returns null for any other text. Pure, and never throws.
 */
export function readExpectedKey(text: string): ExpectedKey | null {
  if (text.length > maxPublicKey) return null;
  const fingerprint = readFingerprint(text.trim());
  if (fingerprint !== null) return fingerprint;
  const words = text.trim().split(/\s+/u);
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
