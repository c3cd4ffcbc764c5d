import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareExpectedKey, readExpectedKey } from './expectedKey.ts';

// Output of `ssh-keygen -l` for this key, with -E sha256 and with -E md5.
const line = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICn3Tt3MbEdvKfQid4dDNEXIapy1CGk+voGnSOKt1f6j root@kiln';
const sha256 = 'SHA256:pi2XSg2rC0Qnr8zccq+T1/ApsaFOEIMAOJd2Rw/B3Ps';
const md5 = '9b:07:47:0d:b1:e8:a4:3e:a7:4f:9a:f3:de:21:55:63';
const offered = { type: 'ssh-ed25519', fingerprint: sha256, md5 };
const otherMd5 = md5.replace(/^../u, (pair) => (pair === '00' ? '01' : '00'));

test.each([
  ['a SHA-256 fingerprint', sha256, 'match'],
  ['a SHA-256 fingerprint with padding', `${sha256}=`, 'match'],
  ['a SHA-256 fingerprint between spaces', `  ${sha256}\n`, 'match'],
  ['a line of ssh-keygen -l', `256 ${sha256} root@kiln (ED25519)`, 'match'],
  ['an MD5 fingerprint', `MD5:${md5}`, 'match'],
  ['an MD5 fingerprint in capitals without prefix', md5.toUpperCase(), 'match'],
  [
    "ssh's question",
    `ED25519 key fingerprint is ${sha256}.\nThis key is not known by any other names.`,
    'match',
  ],
  ['a fingerprint in quotes', `"${sha256}"`, 'match'],
  ['a fingerprint in curly quotes', `\u201c${sha256}\u201d`, 'match'],
  ['a fingerprint before a zero-width space', `${sha256}\u200b`, 'match'],
  ['a fingerprint in lower-case form', sha256.replace('SHA256', 'sha256'), 'match'],
  ['a fingerprint without its form', sha256.slice('SHA256:'.length), 'match'],
  ['the same fingerprint twice', `${sha256} ${sha256}`, 'match'],
  ['two fingerprints', `SHA256:${'A'.repeat(43)} ${sha256}`, 'unreadable'],
  ['a fingerprint that goes on', `${sha256}AAAA`, 'unreadable'],
  ['a public key line', line, 'match'],
  ['a line of ssh-keyscan', `kiln.example ${line}`, 'match'],
  ['another fingerprint', `SHA256:${'A'.repeat(43)}`, 'mismatch'],
  ['another MD5 fingerprint', `MD5:${otherMd5}`, 'mismatch'],
  [
    'another key',
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f',
    'mismatch',
  ],
  ['nothing', '', 'unreadable'],
  ['half a fingerprint', sha256.slice(0, 30), 'unreadable'],
  ['any word', 'yes', 'unreadable'],
  ['a text that is too long', `${sha256} `.repeat(1_000), 'unreadable'],
])('when %s is expected, returns the right answer', (_, expected, answer) => {
  expect(compareExpectedKey(offered, expected)).toBe(answer);
});

test('when the offered key has no MD5 fingerprint, cannot compare it with an MD5 fingerprint', () => {
  expect(compareExpectedKey({ type: 'ssh-ed25519', fingerprint: sha256 }, `MD5:${md5}`)).toBe('unreadable');
});

test('when the text is random, returns null or a fingerprint of a known form', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      expect([undefined, 'sha256', 'md5']).toContain(readExpectedKey(text)?.form);
    }),
  );
});
