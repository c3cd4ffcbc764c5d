import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import type { HostKey } from './hostKey.ts';
import type { KnownHostsAnswer } from './knownHostsAnswer.ts';
import { encodeBase64, fingerprintOf } from '../../base/sshWire.ts';
import { findLookAlikes } from '../../base/lookAlikes.ts';
import { createPatternMatcher } from '../../base/wildcard.ts';

/** Limits of one file. If it is larger, no answer may rely on the rest **[ours]**. */
export const maxKnownHostsLines = 100_000;
export const maxKnownHostsLine = 200_000;

type Line = { marker: string; hosts: string; type: string; key: string };

function readLine(text: string): Line | null {
  const words = text.trim().split(/[ \t]+/u);
  const marker = words[0]?.startsWith('@') === true ? (words.shift() ?? '') : '';
  const [hosts = '', type = '', key = ''] = words;
  return hosts.startsWith('#') || key === '' ? null : { marker: marker.toLowerCase(), hosts, type, key };
}

/**
 * Whether a line has characters that look like a space or like nothing, or NULs, before its comment. ssh does not read
 * such a line as it looks, but it may be meant to revoke the key.
 */
function isDisguised(line: string): boolean {
  const start = /^\s*(?:@\S+\s+)?\S+\s+\S+\s+\S+/u.exec(line)?.[0] ?? line;
  return (
    !start.startsWith('#') &&
    (start.includes('\0') || findLookAlikes(start.replace(/^\ufeff/u, '')).length > 0)
  );
}

function bytesOf(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

/** The name that known_hosts uses for a host. It contains the port unless the port is 22 **[doc]**. */
export function knownHostName({ host, port }: { host: string; port: number }): string {
  const plain = host.replace(/^\[|\]$/gu, '').toLowerCase();
  return port === 22 ? plain : `[${plain}]:${port}`;
}

function isFor(hosts: string, name: string): boolean {
  if (!hosts.startsWith('|')) return createPatternMatcher(hosts.toLowerCase().split(','))(name);
  const [, version, salt = '', hash = '', ...rest] = hosts.split('|');
  const saltBytes = bytesOf(salt);
  if (version !== '1' || saltBytes === null || hash === '' || rest.length > 0) return false;
  return encodeBase64(hmac(sha1, saltBytes, new TextEncoder().encode(name))) === hash;
}

/**
 * Searches known_hosts files, in order, for an offered key. `text` is null if a file can't be read. Pure, and
 * never throws.
 */
export function findInKnownHosts(
  files: readonly { file: string; text: string | null }[],
  at: { host: string; port: number },
  offered: HostKey,
): KnownHostsAnswer {
  const name = knownHostName(at);
  const places = new Map<KnownHostsAnswer['answer'], KnownHostsAnswer['place']>();
  let hasCertificateAuthority = false;
  for (const { file, text } of files) {
    // `incomplete` is the first line that was not read.
    const addUnread = (line: number) => places.set('incomplete', places.get('incomplete') ?? { file, line });
    if (text === null) addUnread(1);
    for (const [index, written] of (text ?? '')
      .trimEnd()
      .split(/\r\n?|\n/u, maxKnownHostsLines + 1)
      .entries()) {
      if (index === maxKnownHostsLines || written.length > maxKnownHostsLine || isDisguised(written)) {
        addUnread(index + 1);
        continue;
      }
      const line = readLine(written);
      if (line === null || !isFor(line.hosts, name)) continue;
      if (line.marker === '@cert-authority') hasCertificateAuthority = true;
      const answer = answerOf(line, offered);
      if (answer !== null && !places.has(answer)) places.set(answer, { file, line: index + 1 });
    }
  }
  for (const answer of ['revoked', 'incomplete', 'known', 'different'] as const) {
    const place = places.get(answer);
    if (place !== undefined) return { answer, place, hasCertificateAuthority };
  }
  return { answer: 'absent', place: null, hasCertificateAuthority };
}

function answerOf({ marker, type, key }: Line, offered: HostKey): KnownHostsAnswer['answer'] | null {
  const blob = bytesOf(key);
  const isSame = blob !== null && fingerprintOf(blob) === offered.fingerprint;
  if (marker === '@revoked') return isSame ? 'revoked' : null;
  if (marker !== '' || blob === null) return null;
  if (isSame) return 'known';
  return type === offered.type ? 'different' : null;
}
