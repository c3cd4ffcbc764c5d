import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mountOwnDisk } from '../lab/ownDisk.ts';
import { describeSpace, findStorageProblems, isMountReadOnly, readMountId } from './storageFindings.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'storage-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const mount = (id: number, options: string, superOptions = 'rw') =>
  `${id} 35 98:0 / /var/lib ${options},noatime shared:1 - ext4 /dev/sda1 ${superOptions},errors=continue`;

it.each([
  ['the mount is writable', [mount(36, 'rw')], false],
  ['the file system is read-only', [mount(36, 'rw', 'ro')], true],
  ['the mount is read-only', [mount(36, 'ro')], true],
  [
    'another mount at the same point is read-only',
    [mount(3, 'ro'), mount(36, 'rw'), mount(360, 'ro')],
    false,
  ],
  ['another mount at the same point is writable', [mount(3, 'rw'), mount(36, 'ro'), mount(360, 'rw')], true],
  ['it belongs to another namespace', [mount(35, 'ro'), mount(37, 'ro')], false],
  ['an option only contains ro', [mount(36, 'rw,errors=remount-ro')], false],
])('when %s, tells whether the folder can be written', (_, lines, expected) => {
  const mountId = readMountId('pos:\t0\nflags:\t012100000\nmnt_id:\t36\nino:\t2\n') ?? '';
  expect(isMountReadOnly(`${lines.join('\n')}\n`, mountId)).toBe(expected);
});

it.each([
  ['there is space', { bfree: 100, bavail: 90 }, null],
  ['only root’s reserve is left', { bfree: 100, bavail: 0 }, 'has free space for root only, so b'],
  ['a little is left beside the reserve', { bfree: 100, bavail: 15 }, 'has free space for root only, so b'],
  ['nothing is left', { bfree: 0, bavail: 0 }, 'has no free space, so a'],
  ['too little is left', { bfree: 15, bavail: 15 }, 'has no free space, so a'],
  ['no inodes are left', { ffree: 0 }, 'has no free inodes, so a'],
  ['the file system doesn’t count inodes', { files: 0, ffree: 0 }, null],
])('when %s, says who can still write', (_, part, expected) => {
  const stats = { bsize: 4096, bfree: 100, bavail: 90, files: 10, ffree: 5, ...part };
  expect(describeSpace(stats, { effect: 'a', reserveEffect: 'b' })).toBe(expected);
});

const configIn = (root: string) => ({
  stateFolder: join(root, 'state'),
  runFolder: join(root, 'run'),
  syslog: join(root, 'log', 'syslog'),
});

it.each([
  ['its own path', (path: string) => path],
  ['a link', (path: string) => join(path, 'link')],
  ['the root of a process', (path: string) => join(`/proc/${process.pid}/root`, path)],
  ['the root of this process', (path: string) => `/proc/self/root${path}`],
])('when the folders are reached through %s, finds nothing', async (_, reach) => {
  for (const name of ['state', 'run', 'log']) await mkdir(join(folder, name));
  await symlink(folder, join(folder, 'link'));
  expect(await findStorageProblems(configIn(reach(folder)))).toEqual([]);
});

it('when a folder is a file, says so', async () => {
  for (const name of ['run', 'log']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'state'), '');
  expect(await findStorageProblems(configIn(folder))).toEqual([
    {
      name: 'state folder',
      detail: `${join(folder, 'state')} is not a folder, so no tenant can be added or changed`,
    },
  ]);
});

/** Null where users may not mount. */
const diskFolder = await mkdtemp(join(tmpdir(), 'disk-'));
const disk = await mountOwnDisk(diskFolder).catch(() => null);
afterAll(async () => {
  await disk?.close();
  await rm(diskFolder, { recursive: true, force: true });
});

const stateFindings = async () => {
  for (const name of ['run', 'log']) await mkdir(join(folder, name));
  return findStorageProblems({ ...configIn(folder), stateFolder: disk?.path ?? '' });
};

describe.skipIf(disk === null)('a folder in another mount namespace', () => {
  it.each([
    ['is writable', async () => undefined, []],
    ['is full', async () => disk?.fill(), ['has no free space']],
  ])('when it %s, is judged by its own mount', async (_, change, expected) => {
    await change();
    const findings = await stateFindings();
    await disk?.free();
    const effect = 'no tenant can be added or changed';
    const details = expected.map((obstacle) => `${disk?.path ?? ''} ${obstacle}, so ${effect}`);
    expect(findings.map(({ detail }) => detail)).toEqual(details);
  });
});

it('when all folders can be written, finds nothing', async () => {
  for (const name of ['state', 'run', 'log']) await mkdir(join(folder, name));
  const config = {
    stateFolder: join(folder, 'state'),
    runFolder: join(folder, 'run'),
    syslog: join(folder, 'log', 'syslog'),
  };
  expect(await findStorageProblems(config)).toEqual([]);
});

it('when a folder is missing, says what fails for that reason', async () => {
  await mkdir(join(folder, 'state'));
  const config = {
    stateFolder: join(folder, 'state'),
    runFolder: join(folder, 'run'),
    syslog: join(folder, 'log', 'syslog'),
  };
  expect(await findStorageProblems(config)).toEqual([
    { name: 'run folder', detail: `${join(folder, 'run')} is missing, so tenants cannot log in` },
    { name: 'log', detail: `${join(folder, 'log')} is missing, so nothing is logged` },
  ]);
});
