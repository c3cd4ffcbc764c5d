import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPublicKey } from './publicKey.ts';

let folder: string;
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'public-key-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A pair by OpenSSH itself. */
function make(...options: string[]): { line: string; privateKey: string; fingerprint: string } {
  const path = join(folder, `key-${(count += 1)}`);
  execFileSync('ssh-keygen', ['-q', '-N', '', '-C', 'ada at kiln', '-f', path, ...options]);
  const said = execFileSync('ssh-keygen', ['-l', '-f', `${path}.pub`], { encoding: 'utf8' });
  return {
    line: readFileSync(`${path}.pub`, 'utf8'),
    privateKey: readFileSync(path, 'utf8'),
    fingerprint: said.split(' ')[1] ?? '',
  };
}

describe('a public key', () => {
  test.each([
    [['-t', 'ed25519'], 'ssh-ed25519'],
    [['-t', 'ecdsa', '-b', '256'], 'ecdsa-sha2-nistp256'],
    [['-t', 'ecdsa', '-b', '384'], 'ecdsa-sha2-nistp384'],
    [['-t', 'ecdsa', '-b', '521'], 'ecdsa-sha2-nistp521'],
    [['-t', 'rsa', '-b', '2048'], 'ssh-rsa'],
  ])('of ssh-keygen %j is taken, with the fingerprint that OpenSSH gives it', (options, type) => {
    const { line, fingerprint } = make(...options);
    const key = { type, fingerprint, comment: 'ada at kiln', blob: line.split(' ')[1] };
    for (const text of [line, `\ufeff  ${line}\r\n\n`, line.replace(' ', '\t')])
      expect(readPublicKey(text)).toEqual({ problem: null, key });
  });

  test('that is none is refused with a sentence that does not repeat it', () => {
    const { line, privateKey } = make('-t', 'ed25519');
    const [type, blob = ''] = line.split(' ');
    const weak = make('-t', 'rsa', '-b', '1024');
    const cases: [string, string][] = [
      ['', 'it is empty'],
      [' \n ', 'it is empty'],
      [privateKey, 'this is a private key; give the .pub file'],
      ['PuTTY-User-Key-File-3: ssh-ed25519', 'this is a private key; give the .pub file'],
      [
        '---- BEGIN SSH2 PUBLIC KEY ----\nAAAA',
        'it is not in the form of OpenSSH; ssh-keygen -i converts it',
      ],
      [`${line}${make('-t', 'ed25519').line}`, 'more than one line'],
      [`restrict ${line}`, 'options in front of the key are not accepted'],
      [`command="sh",no-pty ${line}`, 'options in front of the key are not accepted'],
      [`permitopen="a b" ${line}`, 'options in front of the key are not accepted'],
      [`ssh-dss ${blob}`, 'unknown or unaccepted key type'],
      [`__proto__ ${blob}`, 'unknown or unaccepted key type'],
      [`${type}`, 'not base64'],
      [`${type} ${blob.slice(0, -2)}`, 'not base64'],
      [`${type} ${blob.replaceAll('A', '-')}`, 'not base64'],
      [`ecdsa-sha2-nistp256 ${blob}`, 'its inner type differs from the outer one'],
      [`${type} ${blob} \u001b[31m`, 'control characters in it'],
      [weak.line, '1024 bits, at least 2048 are needed'],
      [`${type} ${'A'.repeat(1024 * 1024)}`, 'it is longer than 16384 characters'],
    ];
    for (const [text, problem] of cases)
      expect([text.slice(0, 60), readPublicKey(text)]).toEqual([text.slice(0, 60), { key: null, problem }]);
  });

  test('cut or changed anywhere is not another key', () => {
    const { line, fingerprint } = make('-t', 'ed25519');
    const [type = '', blob = ''] = line.split(' ');
    fc.assert(
      fc.property(fc.nat(blob.length - 1), fc.constantFrom('', 'A', '/', '=', ' ', '\n'), (at, put) => {
        const changed = blob.slice(0, at) + put + blob.slice(at + 1);
        const { key } = readPublicKey(`${type} ${changed}`);
        expect(key === null || changed === blob || key.fingerprint !== fingerprint).toBe(true);
      }),
    );
  });

  test('may be any text: reading never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const read = readPublicKey(`ssh-ed25519 ${text}`);
        expect(read.key === null ? typeof read.problem : 'object').toBe('string');
      }),
    );
  });
});
