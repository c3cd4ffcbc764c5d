import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src-shared/errors.ts';
import { generateKeyPair, encodeSshString } from './keyPair.ts';
import { parsePublicKey, readPublicKeyFile } from './publicKey.ts';

function line(type: string, ...parts: Buffer[]): string {
  return `${type} ${Buffer.concat([type, ...parts].map(encodeSshString)).toString('base64')} comment\n`;
}

const point = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 7)]);
const application = Buffer.from('ssh:');

function* zeros() {
  for (;;) yield Buffer.alloc(4096);
}

describe('parsePublicKey', () => {
  it('accepts hardware keys', () => {
    const ed25519 = line('sk-ssh-ed25519@openssh.com', Buffer.alloc(32, 1), application);
    expect(parsePublicKey(ed25519).type).toBe('sk-ssh-ed25519@openssh.com');
    const ecdsa = line('sk-ecdsa-sha2-nistp256@openssh.com', Buffer.from('nistp256'), point, application);
    expect(parsePublicKey(ecdsa).type).toBe('sk-ecdsa-sha2-nistp256@openssh.com');
  });

  it.each([
    ['DSA', line('ssh-dss', Buffer.alloc(129), Buffer.alloc(21), Buffer.alloc(128), Buffer.alloc(128))],
    ['a certificate', line('ssh-ed25519-cert-v01@openssh.com', Buffer.alloc(32))],
    ['a key of the wrong length', line('ssh-ed25519', Buffer.alloc(31))],
    ['a key with extra bytes', line('ssh-ed25519', Buffer.alloc(32), Buffer.alloc(1))],
    ['another curve than that of the type', line('ecdsa-sha2-nistp384', Buffer.from('nistp256'), point)],
    ['a compressed point', line('ecdsa-sha2-nistp256', Buffer.from('nistp256'), Buffer.alloc(33, 2))],
    [
      'RSA of 2047 bits',
      line('ssh-rsa', Buffer.from([1, 0, 1]), Buffer.concat([Buffer.from([0x7f]), Buffer.alloc(255)])),
    ],
    [
      'RSA of 2047 bits behind zeros',
      line(
        'ssh-rsa',
        Buffer.from([3]),
        Buffer.concat([Buffer.alloc(9), Buffer.from([0x7f]), Buffer.alloc(255)]),
      ),
    ],
    ['a type that is a property of every object', line('constructor', Buffer.alloc(32))],
    ['base64 with a stray character', line('ssh-ed25519', Buffer.alloc(32)).replace('AAAA', 'AA*AA')],
    ['an escape sequence in the comment', `${line('ssh-ed25519', Buffer.alloc(32)).trim()} \u001b[31m\n`],
  ])('rejects %s', (_name, content) => {
    expect(() => parsePublicKey(content)).toThrow(AppError);
  });

  it('when the text is random, throws INVALID_INPUT and never repeats the text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12, unit: 'binary' }), (text) => {
        let caught: unknown;
        try {
          parsePublicKey(text);
        } catch (error) {
          caught = error;
        }
        expect(caught).toMatchObject({ code: 'INVALID_INPUT' });
        expect(String(caught)).not.toContain(text);
      }),
    );
  });

  it('when a key has a comment, stores the same key as without it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (comment) => {
        const { publicKey } = generateKeyPair('x');
        const parsed = parsePublicKey(`${publicKey.type} ${publicKey.blob} ${comment.replaceAll('"', '')}`);
        expect(parsed).toEqual(publicKey);
      }),
      { numRuns: 20 },
    );
  });

  it('reads the command’s standard input up to a limit', async () => {
    const { publicKey } = generateKeyPair('x');
    const content = `${publicKey.type} ${publicKey.blob}\n`;
    for (const path of ['-', '/dev/stdin']) {
      expect(await readPublicKeyFile(path, Readable.from([Buffer.from(content)]))).toEqual(publicKey);
      const endless = Readable.from(zeros());
      await expect(readPublicKeyFile(path, endless)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    }
  });
});

describe('generateKeyPair', () => {
  it('generates a different key each time, in the format that OpenSSH reads', () => {
    const [one, two] = [generateKeyPair('acme'), generateKeyPair('acme')];
    expect(one.publicKey.blob).not.toBe(two.publicKey.blob);
    expect(parsePublicKey(`${one.publicKey.type} ${one.publicKey.blob}`)).toEqual(one.publicKey);
    expect(one.privateKey).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n([A-Za-z0-9+/]{70}\n)+/);
    expect(one.privateKey.split('\n').every((text) => text.length <= 70)).toBe(true);
  });
});
