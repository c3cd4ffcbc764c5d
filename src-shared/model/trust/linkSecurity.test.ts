import { expect, test } from 'vitest';
import { isPostQuantum, judgeLink } from './linkSecurity.ts';

const modern = { kex: 'curve25519-sha256', hostKey: 'ssh-ed25519', cipher: 'c', mac: 'm', weak: [] };

test.each([
  ['mlkem768x25519-sha256', true],
  ['sntrup761x25519-sha512@openssh.com', true],
  ['sntrup761x25519-sha512', true],
  ['curve25519-sha256', false],
  ['unknown', false],
])('when a key exchange is %s, it is post-quantum: %s', (kex, expected) => {
  expect(isPostQuantum(kex)).toBe(expected);
});

test('when the appliance offers a post-quantum key exchange that is not used, that is said', () => {
  const judged = judgeLink({ ...modern, serverPostQuantum: ['mlkem768x25519-sha256'] });
  expect(judged).toEqual({
    tone: 'ok',
    postQuantum: 'appliance-only',
    text: 'No weak algorithm. This console has no post-quantum key exchange. A quantum computer could decrypt a recording.',
  });
});

test('when the offer was not seen, it is not said to lack a post-quantum key exchange', () => {
  expect(judgeLink(modern).postQuantum).toBe('not-seen');
  expect(judgeLink({ ...modern, serverPostQuantum: [] })).toMatchObject({
    postQuantum: 'not-offered',
    text: 'No weak algorithm. Neither the appliance nor this console has a post-quantum key exchange. A quantum computer could decrypt a recording.',
  });
});

test('when a post-quantum key exchange is used, a recording is said to be safe', () => {
  const judged = judgeLink({ ...modern, kex: 'mlkem768x25519-sha256' });
  expect(judged).toMatchObject({
    tone: 'ok',
    postQuantum: 'used',
    text: 'No weak algorithm. A recording can’t be decrypted by a quantum computer.',
  });
});

test('when an algorithm is weak or unknown, the link needs attention', () => {
  const weak = judgeLink({ ...modern, weak: ['ssh-rsa', 'hmac-sha1'] });
  expect(weak.tone).toBe('warn');
  expect(weak.text).toMatch(/^Weak: ssh-rsa, hmac-sha1\. /u);
  expect(judgeLink({ ...modern, kex: 'unknown' })).toEqual({
    tone: 'warn',
    postQuantum: 'not-seen',
    text: 'The algorithms were not seen.',
  });
});
