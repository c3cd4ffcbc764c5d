import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openPrivateKeyOut } from './privateKeyOut.ts';

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-key-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test('when the key is written, the file contains only the key', async () => {
  const folder = await newFolder();
  const out = await openPrivateKeyOut(join(folder, 'key'));
  await out.write('-----BEGIN KEY-----\n');
  await out.close();
  expect(await readFile(join(folder, 'key'), 'utf8')).toBe('-----BEGIN KEY-----\n');
});

test('when no key arrives, deletes the file', async () => {
  const folder = await newFolder();
  const out = await openPrivateKeyOut(join(folder, 'key'));
  await out.close();
  expect(await readdir(folder)).toEqual([]);
});

test('rejects an existing file with ALREADY_EXISTS, also a broken link', async () => {
  const folder = await newFolder();
  await symlink('/nonexistent', join(folder, 'key'));
  await expect(openPrivateKeyOut(join(folder, 'key'))).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
});
