import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { puttyKeys } from '../../test-support/puttyKeys.ts';
import { loadSettings } from './settings.ts';

let folder = '';
let text = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-settings-'));
  const path = join(folder, 'made');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
  text = readFileSync(path, 'utf8');
  writeFileSync(
    join(folder, 'connect.yaml'),
    'appliance: gate.example.com:22\nssh_key: ssh_key.priv\nrepositories:\n  files:\n    docs: smb://10.0.0.1:445/docs\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The key that Connect uses, or its error. */
function load(key: string | Buffer): string {
  writeFileSync(join(folder, 'ssh_key.priv'), key, { mode: 0o600 });
  return loadSettings(join(folder, 'connect.yaml')).privateKey;
}
const openssl = (...options: string[]) =>
  execFileSync('openssl', options, { encoding: 'utf8', stdio: 'pipe' });

describe('the private key of Connect', () => {
  test.each<[change: string, make: () => string]>([
    ['with a byte order mark and CRLF', () => `\ufeff${text.replaceAll('\n', '\r\n')}`],
    ['with an indent', () => text.replaceAll(/^/gmu, '  ')],
    ['on one line', () => text.replaceAll('\n', ' ')],
    ['in PKCS#8', () => openssl('genpkey', '-algorithm', 'ed25519')],
    ['in PEM', () => openssl('ecparam', '-name', 'secp384r1', '-genkey')],
  ])('%s is read', (_change, make) => {
    expect(ssh2.utils.parseKey(load(make()))).toMatchObject({ type: expect.any(String) });
  });

  test.each<[form: string, make: () => string | Buffer, words: string]>([
    ['of PuTTY', () => puttyKeys['ed25519 format 3'], 'puttygen FILE -O private-openssh -o NEW'],
    ['in UTF-16', () => Buffer.from(`\ufeff${text}`, 'utf16le'), 'iconv -f UTF-16 -t UTF-8 FILE > NEW'],
    [
      'with no-break spaces',
      () => text.replaceAll(' ', '\u00a0'),
      'line 1 holds a no-break or special space',
    ],
    [
      'with a passphrase',
      () => openssl('genpkey', '-algorithm', 'ed25519', '-aes256', '-pass', 'pass:x'),
      'has a passphrase; Connect runs unattended',
    ],
    ['that is cut', () => text.slice(0, 100), 'it is cut off or damaged'],
    [
      'that is a public key',
      () => readFileSync(join(folder, 'made.pub'), 'utf8'),
      'holds a public key, not a private one',
    ],
  ])('%s is refused with the reason', (_form, make, words) => {
    expect(() => load(make())).toThrow(words);
  });
});
