import { expect, test } from 'vitest';
import type { KnownHostsAnswer } from '../../../src-shared/model/appliance/knownHostsAnswer.ts';
import { compareHostKey, describeKnownHosts, type OfferedHostKey } from './hostKeyComparison.ts';

const fingerprint = `SHA256:${'o'.repeat(43)}`;
const md5 = '00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff';
const offeredKey: OfferedHostKey = {
  offered: { type: 'ssh-ed25519', fingerprint, md5 },
  pinned: null,
  knownHosts: null,
};
const nothingTyped = { expected: '', isComparedByEye: false };
const knownHosts = (answer: KnownHostsAnswer['answer']): KnownHostsAnswer => ({
  answer,
  place: answer === 'absent' ? null : { file: '~/.ssh/known_hosts', line: 3 },
  hasCertificateAuthority: false,
});
const incompleteKey = { ...offeredKey, knownHosts: knownHosts('incomplete') };
const pinned = (value: string) => ({
  host: 'kiln-01',
  port: 22,
  type: 'ssh-ed25519',
  fingerprint: value,
  pinnedAt: '2026-01-02T00:00:00.000Z',
  pinnedBy: 'm.ivers',
});

test.each([
  ['nothing was compared', offeredKey, nothingTyped, false],
  ['it was compared by eye', offeredKey, { ...nothingTyped, isComparedByEye: true }, true],
  ['the SHA-256 fingerprint matches', offeredKey, { ...nothingTyped, expected: ` ${fingerprint}\n` }, true],
  ['the MD5 fingerprint matches', offeredKey, { ...nothingTyped, expected: `MD5:${md5}` }, true],
  [
    'another fingerprint is expected',
    offeredKey,
    { ...nothingTyped, expected: `SHA256:${'p'.repeat(43)}` },
    false,
  ],
  ['half a fingerprint is expected', offeredKey, { ...nothingTyped, expected: 'SHA256:ooo' }, false],
  ['known_hosts has it', { ...offeredKey, knownHosts: knownHosts('known') }, nothingTyped, true],
  ['known_hosts has another', { ...offeredKey, knownHosts: knownHosts('different') }, nothingTyped, false],
  ['known_hosts was not read completely', incompleteKey, nothingTyped, false],
  [
    'known_hosts was not read, but compared by eye',
    incompleteKey,
    { ...nothingTyped, isComparedByEye: true },
    true,
  ],
  ['it is pinned', { ...offeredKey, pinned: pinned(fingerprint) }, nothingTyped, true],
])('when %s, it says whether the key can be accepted', (_when, key, typed, canAccept) => {
  expect(compareHostKey(key, typed).canAccept).toBe(canAccept);
});

test.each([
  ['it is revoked', { ...offeredKey, knownHosts: knownHosts('revoked') }],
  ['another key is pinned', { ...offeredKey, pinned: pinned(`SHA256:${'p'.repeat(43)}`) }],
])('when %s, a matching fingerprint and a look do not help', (_when, key) => {
  expect(compareHostKey(key, { expected: fingerprint, isComparedByEye: true }).canAccept).toBe(false);
});

test('when another fingerprint is expected, comparing by eye and known_hosts do not help', () => {
  const key = { ...offeredKey, knownHosts: knownHosts('known') };
  const typed = { expected: `SHA256:${'p'.repeat(43)}`, isComparedByEye: true };
  expect(compareHostKey(key, typed)).toMatchObject({ canAccept: false, tone: 'bad' });
});

test('when known_hosts has a line for the host, the line is named', () => {
  expect(describeKnownHosts(knownHosts('different'))).toEqual({
    tone: 'warn',
    text: 'known_hosts has another key for this host: ~/.ssh/known_hosts, line 3.',
  });
  expect(describeKnownHosts(knownHosts('incomplete'))).toMatchObject({
    tone: 'warn',
    text: expect.stringContaining('not read completely (~/.ssh/known_hosts, line 3)'),
  });
  expect(describeKnownHosts(knownHosts('absent'))).toBeNull();
});
