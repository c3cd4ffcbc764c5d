import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeUnfinishedFiles } from './tenantState.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sweep-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function unfinished(name: string): string {
  return `${name}.${randomUUID()}.new`;
}

describe('removeUnfinishedFiles', () => {
  it('removes files that killed commands left, but no record that is being written', async () => {
    const auth = join(folder, 'auth');
    await mkdir(auth);
    const fresh = unfinished('1.json');
    for (const name of ['tenants.json', unfinished('tenants.json'), unfinished('clock.json'), 'notes.new'])
      await writeFile(join(folder, name), '');
    for (const name of ['1.json', fresh]) await writeFile(join(auth, name), '');
    const old = join(auth, unfinished('2.seen'));
    await writeFile(old, '');
    const now = Date.now();
    await utimes(old, now / 1000, now / 1000 - 61);
    await removeUnfinishedFiles({ stateFolder: folder, runFolder: folder, now });
    expect((await readdir(folder)).toSorted()).toEqual(['auth', 'notes.new', 'tenants.json']);
    expect((await readdir(auth)).toSorted()).toEqual(['1.json', fresh].toSorted());
  });
});
