import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSecret, sealSecret } from './sealedSecret.ts';
import { createSecretKeys, loadPrivateKey, loadPublicKey, secretsFolder } from './secretKeys.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secret-keys-'));
  await mkdir(join(folder, secretsFolder));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('when several commands need the pair at once, one makes it and both halves belong together', async () => {
  const made = await Promise.all(Array.from({ length: 6 }, () => createSecretKeys(folder)));
  expect(made.filter(Boolean)).toHaveLength(1);
  expect(openSecret(sealSecret('planted', loadPublicKey(folder)), loadPrivateKey(folder))).toBe('planted');
});

test('when the pair exists, it stays', async () => {
  await createSecretKeys(folder);
  const before = loadPrivateKey(folder);
  expect(await createSecretKeys(folder)).toBe(false);
  expect(loadPrivateKey(folder)).toBe(before);
});

test('when making the pair was interrupted after its public half, the next call makes another pair', async () => {
  await createSecretKeys(folder);
  await rm(join(folder, secretsFolder, 'private.pem'));
  const left = await readFile(join(folder, secretsFolder, 'public.pem'), 'utf8');
  expect(await createSecretKeys(folder)).toBe(true);
  expect(loadPublicKey(folder)).not.toBe(left);
  expect(openSecret(sealSecret('planted', loadPublicKey(folder)), loadPrivateKey(folder))).toBe('planted');
});
