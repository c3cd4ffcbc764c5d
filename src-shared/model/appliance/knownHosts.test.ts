import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { encodeBase64, fingerprintOf } from '../../base/sshWire.ts';
import { findInKnownHosts, knownHostName, maxKnownHostsLine, maxKnownHostsLines } from './knownHosts.ts';
import { knownHostsAnswerSchema } from './knownHostsAnswer.ts';

const blobOf = (type: string, fill: number): Uint8Array =>
  Uint8Array.from([
    0,
    0,
    0,
    type.length,
    ...Buffer.from(type),
    0,
    0,
    0,
    32,
    ...Array.from({ length: 32 }, () => fill),
  ]);
const ours = blobOf('ssh-ed25519', 1);
const other = blobOf('ssh-ed25519', 2);
const rsa = blobOf('ssh-rsa', 3);
const offered = { type: 'ssh-ed25519', fingerprint: fingerprintOf(ours) };
const keyText = (blob: Uint8Array, type = 'ssh-ed25519') => `${type} ${encodeBase64(blob)}`;
const kiln = { host: 'kiln.example', port: 22 };
const answerOf = (text: string, at = kiln) => findInKnownHosts([{ file: 'k', text }], at, offered);
const known = { answer: 'known', place: { file: 'k', line: 1 }, hasCertificateAuthority: false };
const absent = { answer: 'absent', place: null, hasCertificateAuthority: false };

function hashed(name: string): string {
  const salt = Buffer.from('0123456789abcdefghij');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

describe('when a line is for the host', () => {
  test.each([
    ['plain', 'kiln.example'],
    ['in capitals', 'KILN.Example'],
    ['among others', 'mill,kiln.example,10.0.0.1'],
    ['a wildcard', '*.example'],
    ['a hash', hashed('kiln.example')],
  ])('when the line is %s, the key is known', (_, hosts) => {
    expect(answerOf(`${hosts} ${keyText(ours)} comment here\r\n`)).toEqual(known);
  });

  test.each([
    ['old line ends', `mill x y\r@revoked kiln.example ${keyText(ours)}\r`],
    ['a byte order mark', `\ufeff@revoked kiln.example ${keyText(ours)}`],
  ])('when the file has %s, the key is revoked', (_, text) => {
    expect(answerOf(text).answer).toBe('revoked');
  });

  test.each([
    ['a no-break space', `@revoked\u00a0kiln.example ${keyText(ours)}`],
    ['a zero-width space', `\u200b@revoked kiln.example ${keyText(ours)}`],
    ['a Cyrillic letter', `@revoked k\u0456ln.example ${keyText(ours)}`],
    ['NULs', `${'\0'.repeat(100)}@revoked kiln.example ${keyText(ours)}`],
    ['UTF-16 read as UTF-8', Buffer.from(`@revoked * ${keyText(ours)}`, 'utf16le').toString('utf8')],
  ])('when a line has %s and may revoke the key, the answer is incomplete', (_, line) => {
    for (const text of [line, `# K\u00a0\n${line}`])
      expect(answerOf(`${text}\nkiln.example ${keyText(ours)}`)).toMatchObject({
        answer: 'incomplete',
        place: { line: text.split('\n').length },
      });
  });

  test('when only a comment has such a character, reads the line', () => {
    expect(answerOf(`kiln.example ${keyText(ours)} Ada\u00a0\u2019s`)).toEqual(known);
  });

  test('when the port is not 22, finds the name with port in brackets', () => {
    const at = { host: 'kiln.example', port: 2222 };
    expect(knownHostName(at)).toBe('[kiln.example]:2222');
    expect(answerOf(`[kiln.example]:2222 ${keyText(ours)}`, at)).toEqual(known);
    expect(answerOf(`${hashed('[kiln.example]:2222')} ${keyText(ours)}`, at)).toEqual(known);
    expect(answerOf(`kiln.example ${keyText(ours)}`, at)).toEqual(absent);
    expect(answerOf(`[kiln.example]:2222 ${keyText(ours)}`)).toEqual(absent);
  });
});

test.each([
  ['another host', `mill.example ${keyText(ours)}`],
  ['a negation', `*.example,!kiln.example ${keyText(ours)}`],
  ['a comment', `# kiln.example ${keyText(ours)}`],
  ['a hash of another host', `${hashed('mill.example')} ${keyText(ours)}`],
  ['a hash of an unknown kind', `${hashed('kiln.example').replace('|1|', '|2|')} ${keyText(ours)}`],
  ['only a key of another type', `kiln.example ${keyText(rsa, 'ssh-rsa')}`],
  ['a line without a key', 'kiln.example ssh-ed25519'],
  ['a key that is not base64', 'kiln.example ssh-ed25519 ???'],
  ['another key that is revoked', `@revoked kiln.example ${keyText(other)}`],
  ['an unknown marker', `@other kiln.example ${keyText(ours)}`],
])('when there is only %s, the host is absent', (_, text) => {
  expect(answerOf(text)).toEqual(absent);
});

test('when the host has several keys, one match is enough', () => {
  const text = `kiln.example ${keyText(other)}\nkiln.example ${keyText(rsa, 'ssh-rsa')}\nkiln.example ${keyText(ours)}`;
  expect(answerOf(text)).toEqual({ ...known, place: { file: 'k', line: 3 } });
});

test('when the host has another key of this type, the answer is different', () => {
  expect(answerOf(`kiln.example ${keyText(other)}`)).toEqual({ ...known, answer: 'different' });
});

test('when any line revokes the key, the answer is revoked', () => {
  const files = [
    { file: 'user', text: `kiln.example ${keyText(ours)}` },
    { file: 'system', text: `\n@revoked * ${keyText(ours)}` },
  ];
  expect(findInKnownHosts(files, kiln, offered)).toEqual({
    answer: 'revoked',
    place: { file: 'system', line: 2 },
    hasCertificateAuthority: false,
  });
});

test('when there is a certificate authority for the host, reports it and ignores it', () => {
  expect(answerOf(`@cert-authority *.example ${keyText(ours)}`)).toEqual({
    ...absent,
    hasCertificateAuthority: true,
  });
});

test('when a file is made to be slow, returns a valid answer quickly', () => {
  const text = fc.array(
    fc.constantFrom('@revoked ', '|1|', 'kiln.example', '*', '!', ',', ' ', '\n', keyText(ours), '\0'),
    {
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(text, (parts) => {
      expect(knownHostsAnswerSchema.safeParse(answerOf(parts.join(''))).success).toBe(true);
    }),
  );
  expect(answerOf(`${'*,'.repeat(9_000)}!kiln.example ${keyText(ours)}`)).toEqual(absent);
});

const incompleteAt = (line: number) => ({ ...known, answer: 'incomplete', place: { file: 'k', line } });
const longHosts = (length: number) => `${'h'.repeat(length)},kiln.example ${keyText(ours)}`;
test.each([
  ['as many lines as allowed', `kiln.example ${keyText(ours)}${'\n'.repeat(maxKnownHostsLines)}`, known],
  [
    'too many lines',
    `kiln.example ${keyText(ours)}${'\n#'.repeat(maxKnownHostsLines)}`,
    incompleteAt(maxKnownHostsLines + 1),
  ],
  [
    'a revoked key below too many lines',
    `${'#\n'.repeat(maxKnownHostsLines)}@revoked kiln.example ${keyText(ours)}`,
    incompleteAt(maxKnownHostsLines + 1),
  ],
  ['a long line', longHosts(maxKnownHostsLine - 200), known],
  ['a line that is too long', `\n@revoked ${longHosts(maxKnownHostsLine)}`, incompleteAt(2)],
  [
    'another key and a line that is too long',
    `kiln.example ${keyText(other)}\n${longHosts(maxKnownHostsLine)}`,
    incompleteAt(2),
  ],
  [
    'a line that is too long and a revoked key',
    `${longHosts(maxKnownHostsLine)}\n@revoked * ${keyText(ours)}`,
    { ...known, answer: 'revoked', place: { file: 'k', line: 2 } },
  ],
])('when a file has %s, no answer relies on a part that was not read', (_, text, expected) => {
  expect(answerOf(text)).toEqual(expected);
});

test('when a file can’t be read, the answer is incomplete even if another file has the key', () => {
  const files = [
    { file: 'user', text: `kiln.example ${keyText(ours)}` },
    { file: 'k', text: null },
  ];
  expect(findInKnownHosts(files, kiln, offered)).toEqual(incompleteAt(1));
});
