import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startLicenceKit, type LicenceKit } from '../../../test-support/licenceKit.ts';
import { stateFiles } from '../../../test-support/stateFiles.ts';
import { mountOwnDisk, type OwnDisk } from '../../lab/ownDisk.ts';

let kit: LicenceKit;
let disk: OwnDisk | null;

beforeEach(async () => {
  kit = await startLicenceKit();
  disk = await mountOwnDisk(join(kit.folder, 'disk'));
  if (disk === null) return;
  kit.config.stateFolder = join(disk.path, 'state');
  for (const name of ['', 'group-keys', 'secrets'])
    await mkdir(join(kit.config.stateFolder, name), { mode: 0o755 });
});
afterEach(async () => {
  await disk?.close();
  await kit.stop();
});

function remount(mode: 'ro' | 'rw'): void {
  const [, , pid = ''] = (disk?.path ?? '').split('/');
  const enter = ['-t', pid, '-U', '-m', '--preserve-credentials'];
  spawnSync('nsenter', [...enter, 'mount', '-o', `remount,${mode}`, join(kit.folder, 'disk')]);
}

const obstacles: Record<string, { begin: () => Promise<void>; end: () => Promise<void> }> = {
  'the disk is full': { begin: async () => disk?.fill(0), end: async () => disk?.free() },
  'the disk has one free block': { begin: async () => disk?.fill(4096), end: async () => disk?.free() },
  'the file system is read-only': { begin: async () => remount('ro'), end: async () => remount('rw') },
};

test.for(Object.entries(obstacles))(
  'when %s, the old licence stays whole and shown, and the same answer is installed afterwards',
  async ([, { begin, end }], { skip }) => {
    if (disk === null) return skip('this computer gives users no disk of their own');
    await kit.renew({ sequence: 1 });
    const answer = await kit.answer({ sequence: 2 });
    const before = await stateFiles(kit.config.stateFolder);
    await begin();
    const refused = await kit.ke(['ke_manage_license_key', 'import', '--json'], answer);
    expect([1, 7]).toContain(refused.exitCode);
    expect(refused.stderr).toMatch(/is full|is read-only|free/u);
    expect((await kit.ke(['ke_manage_license_key', 'show'])).stdout).toContain('Sequence 1\n');
    expect(await stateFiles(kit.config.stateFolder)).toEqual(before);
    await end();
    expect(await kit.importText(answer)).toMatchObject({ output: { current: { sequence: 2 } } });
  },
);
