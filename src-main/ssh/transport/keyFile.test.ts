import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readLockedKey } from './keyFile.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-locked-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function makeKey(name: string, ...options: string[]): { path: string; fingerprint: string } {
  const path = join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-f', path, ...options]);
  const listed = execFileSync('ssh-keygen', ['-l', '-f', `${path}.pub`], { encoding: 'utf8' });
  return { path, fingerprint: listed.split(' ')[1] ?? '' };
}

test('when a private key is unencrypted, needs no agent', async () => {
  expect(await readLockedKey(makeKey('clear', '-t', 'ed25519', '-N', '').path)).toBeNull();
});

test('when an OpenSSH key is encrypted, reads its public key from the file', async () => {
  const { path, fingerprint } = makeKey('locked', '-t', 'ed25519', '-N', 'secret');
  rmSync(`${path}.pub`);
  expect(await readLockedKey(path)).toEqual({
    isPublic: false,
    fault: null,
    label: `ED25519 ${fingerprint}`,
    fingerprint,
  });
});

test('when a PEM key is encrypted, reads its public key from the .pub file', async () => {
  const { path, fingerprint } = makeKey('pem', '-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', 'secret');
  expect(await readLockedKey(path)).toEqual({
    isPublic: false,
    fault: null,
    label: `RSA ${fingerprint}`,
    fingerprint,
  });
  rmSync(`${path}.pub`);
  expect(await readLockedKey(path)).toEqual({ isPublic: false, fault: null, label: null, fingerprint: null });
});

test('when the file is a public key, says so', async () => {
  const { path, fingerprint } = makeKey('public', '-t', 'ecdsa', '-N', '');
  expect(await readLockedKey(`${path}.pub`)).toEqual({
    isPublic: true,
    fault: null,
    label: `ECDSA ${fingerprint}`,
    fingerprint,
  });
});

test('rejects a missing file with KEY_UNREADABLE', async () => {
  await expect(readLockedKey(join(folder, 'none'))).rejects.toMatchObject({ code: 'KEY_UNREADABLE' });
});

test('when the form can’t be read, still names the public key, which the agent may hold', async () => {
  const { path, fingerprint } = makeKey(
    'sealed',
    '-t',
    'ed25519',
    '-N',
    'secret',
    '-Z',
    'chacha20-poly1305@openssh.com',
  );
  expect(await readLockedKey(path)).toEqual({
    isPublic: false,
    fault: expect.stringContaining('chacha20-poly1305@openssh.com'),
    label: `ED25519 ${fingerprint}`,
    fingerprint,
  });
});
