import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holdsPrivateKey, readPublicKey } from './publicKey.ts';

/** Keys and the fingerprints that ssh-keygen printed for them. */
const keys = [
  {
    type: 'ssh-ed25519',
    blob: 'AAAAC3NzaC1lZDI1NTE5AAAAIFs06pUsNltrcrPWo0vFJYVIs/bn/v2t5m9SeedlTRzw',
    fingerprint: 'SHA256:jjFSqG77LmZigvDT7DOxQpLxjAQhmVrY5yMG73O4+og',
  },
  {
    type: 'ecdsa-sha2-nistp256',
    blob: 'AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBIf4OU6l7uZG0ehTSfeNkUZZFtvFsisG9uMCOvI44jBLxQ3vcSGsWRIsYVWT5iRtWDmtbl707kevA5rqUcgnp6o=',
    fingerprint: 'SHA256:WHmdzFuC5kSIlZdT9Nq7tJOYaz27Zg69PR9oEdGento',
  },
  {
    type: 'ecdsa-sha2-nistp521',
    blob: 'AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAH382NIBNAwLsE/t24jtKLJAZbLNh66rmzSmuOStDGsaozAgTboxVcOEwlCmumuJXqUdoWO5+O+F11bdIwXW9rWyAHza3GW3S6o9qrtYRu55N541zLr9ixzJ/AnczxG2XdYZ/ciZ5HRe+qS3/+A9biCBuk+a3Bsw2wy5MpI6byD9V/oVw==',
    fingerprint: 'SHA256:o9tYrVaaZNThJeCYqaz/3BGO+jKUNF0WoT+57yBFtg4',
  },
  {
    type: 'ssh-rsa',
    blob: 'AAAAB3NzaC1yc2EAAAADAQABAAABAQCLQUqPNuqyB/3kYiMTfsg/GOFsTLUYVOdSI3HPsfCooYWwIKr4B6nb0EDBErlN4UCO+CTEY/D9zEUxHsFiF2JVitDgCr8IwrJ1u+rpV8KRAZJpKmNFcRvvhWQ89qUrepkwfvv4DOXvIfFIqCuJBq+pAveKOCsDbCjakg50waUeg3SNvh3RL+roKQaSsSJwNHokVi/RC/xrVDt6YwTg7CZ9MLByi+pDMq0lJ0+70LuTTb5pH+ugTQEGU41Iy/WzOl26GHgRzzBlGpbRTL4v2gNm9GDxUDCI7cEW0sK9hTgZuJqb9blvhe04U2TvjqmDrQKBYbBEYph1Z+IakL30k+qn',
    fingerprint: 'SHA256:b1M6iLPGlyiSO4TkFiYFOSP/zCQeMWbMRj4g5c1mSLc',
  },
] as const;
const weakBlob =
  'AAAAB3NzaC1yc2EAAAADAQABAAAAgQDcQ/j1MipcV/Fk8zKOYblch5Ka++0wA75BFwujbeeqzbnGh42CLKDdbTA6GQInO++PxCVwX3V12inL5wKVy+9fl+viJxGLwqvx6s1SM1yoYZuSHsMNtNZERznkg81OvhTcv6+VykHz4f8cLZmS6XxQNuMIZNzCHN0kTouBhdN9Jw==';
const [{ type, blob, fingerprint }] = keys;
const line = `${type} ${blob} ada at kiln\n`;

describe('a public key', () => {
  test.each(keys)('of type $type is accepted, with the same fingerprint as from OpenSSH', (key) => {
    const text = `${key.type} ${key.blob}`;
    expect(readPublicKey(text)).toEqual({ problem: null, key: { ...key, comment: null } });
    for (const around of [`${text} ada at kiln\n`, `\ufeff  ${text}\tada at kiln\r\n\n`])
      expect(readPublicKey(around)).toEqual({ problem: null, key: { ...key, comment: 'ada at kiln' } });
  });

  test('that is invalid is rejected with a sentence that does not repeat the text', () => {
    const cases: [string, string][] = [
      ['', 'it is empty'],
      [' \n ', 'it is empty'],
      [
        '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE=',
        'this is a private key; use the .pub file',
      ],
      ['PuTTY-User-Key-File-3: ssh-ed25519', 'this is a private key; use the .pub file'],
      ['---- BEGIN SSH2 PUBLIC KEY ----\nAAAA', 'it is not in OpenSSH format; ssh-keygen -i converts it'],
      [`${line}${line}`, 'it has more than one line'],
      [
        `${type} ${blob.slice(0, 30)}\n${blob.slice(30)} x`,
        'it has more than one line; a space or line break is inside the key, so remove it',
      ],
      [
        `${type} ${blob.slice(0, 28)} ${blob.slice(28)} x`,
        'the type inside the key data differs from the type in front of it; a space or line break is inside the key, so remove it',
      ],
      [
        `${type} ${blob.slice(0, 28)} ${blob.slice(28, 48)} ${blob.slice(48)}`,
        'the type inside the key data differs from the type in front of it; a space or line break is inside the key, so remove it',
      ],
      [
        `kiln-01,10.0.0.1 ${line}`,
        'something stands before the key type; the line must start with the type, such as ssh-ed25519',
      ],
      [
        `> ${line}`,
        'something stands before the key type; the line must start with the type, such as ssh-ed25519',
      ],
      [
        `key: ${line}`,
        'something stands before the key type; the line must start with the type, such as ssh-ed25519',
      ],
      [`"${line.trim()}"`, 'remove the quotes around the key'],
      [blob, 'the key type, such as ssh-ed25519, is missing before the key'],
      [`256 SHA256:${'a'.repeat(43)} ops (ED25519)`, 'it is a fingerprint, not a key'],
      [`ssh-ed25519-cert-v01@openssh.com ${blob}`, 'it is a certificate; use the .pub file without -cert'],
      ['-----BEGIN CERTIFICATE-----\nMIIB\n', 'it is not a public key but another kind of PEM file'],
      [`restrict ${line}`, 'options before the key are not allowed'],
      [`command="sh",no-pty ${line}`, 'options before the key are not allowed'],
      [`permitopen="a b" ${line}`, 'options before the key are not allowed'],
      [`ssh-dss ${blob}`, 'unknown or unsupported key type (DSA is no longer accepted)'],
      [`__proto__ ${blob}`, 'unknown or unsupported key type'],
      [type, 'the key is not valid base64'],
      [`${type} ${blob.slice(0, -2)}`, 'the key is not valid base64'],
      [`${type} ${blob.replaceAll('A', '-')}`, 'the key is not valid base64'],
      [`ecdsa-sha2-nistp256 ${blob}`, 'the type inside the key data differs from the type in front of it'],
      [`${type} ${blob} \u001b[31m`, 'it contains control characters'],
      [`ssh-rsa ${weakBlob}`, '1024 bits, at least 2048 are needed'],
      [`${type} ${'A'.repeat(1024 * 1024)}`, 'it is longer than 16384 characters'],
    ];
    for (const [text, problem] of cases)
      expect([text.slice(0, 60), readPublicKey(text)]).toEqual([text.slice(0, 60), { key: null, problem }]);
  });

  test('is distinguished from a private key anywhere in the text', () => {
    for (const text of [
      '-----BEGIN OPENSSH PRIVATE KEY-----',
      'client_id,public_key\nacme,"-----BEGIN RSA PRIVATE KEY-----"',
      'PuTTY-User-Key-File-3: ssh-ed25519',
    ])
      expect([text, holdsPrivateKey(text)]).toEqual([text, true]);
    expect(holdsPrivateKey(line)).toBe(false);
  });

  test('when cut or changed anywhere, is never read as another valid key', () => {
    fc.assert(
      fc.property(fc.nat(blob.length - 1), fc.constantFrom('', 'A', '/', '=', ' ', '\n'), (at, put) => {
        const changed = blob.slice(0, at) + put + blob.slice(at + 1);
        const { key } = readPublicKey(`${type} ${changed}`);
        expect(key === null || changed === blob || key.fingerprint !== fingerprint).toBe(true);
      }),
    );
  });

  test('when the text is random, never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const read = readPublicKey(`ssh-ed25519 ${text}`);
        expect(read.key === null ? typeof read.problem : 'object').toBe('string');
      }),
    );
  });
});
