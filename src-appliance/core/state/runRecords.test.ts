import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSmallFile, writeRecord } from './runRecords.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-records-'));
  path = join(folder, '7.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a record that another user may have created', () => {
  it.each([
    ['a pipe without a writer', async () => void execFileSync('mkfifo', [path])],
    ['a link to a file', async () => symlink(await secret(), path)],
    ['a link to a device', () => symlink('/dev/zero', path)],
    ['a folder', async () => void execFileSync('mkdir', [path])],
    ['a file of 3 GB', async () => writeFile(path, '').then(() => truncate(path, 3 * 2 ** 30))],
    ['a file one byte too long', () => writeFile(path, 'x'.repeat(101))],
  ])('when it is %s, counts as missing', async (_what, place) => {
    await place();
    expect(readSmallFile(path, 100)).toBeNull();
  });

  it('when it is a link, is replaced, and the target stays unchanged', async () => {
    const target = await secret();
    await symlink(target, path);
    writeRecord(path, { a: 1 });
    expect(readSmallFile(path, 100)).toBe('{"a":1}');
    expect(await readFile(target, 'utf8')).toBe('secret');
  });
});

async function secret(): Promise<string> {
  const target = join(folder, 'secret');
  await writeFile(target, 'secret');
  return target;
}
