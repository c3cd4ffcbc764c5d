import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findStorageProblems, isMountReadOnly } from './storageFindings.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'storage-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const mount = (point: string, options: string, superOptions = 'rw') =>
  `36 35 98:0 / ${point} ${options},noatime shared:1 - ext4 /dev/sda1 ${superOptions},errors=continue`;
const root = mount('/', 'rw');

it.each([
  ['only the root file system is mounted, and is writable', [root], false],
  ['the root file system is read-only', [mount('/', 'ro', 'ro')], true],
  ['its own file system is read-only', [root, mount('/var/lib/sallyport', 'rw', 'ro')], true],
  ['its own mount is read-only', [root, mount('/var/lib/sallyport', 'ro')], true],
  ['its parent’s mount is read-only', [root, mount('/var/lib', 'ro')], true],
  ['a folder with a similar name is read-only', [root, mount('/var/lib/sally', 'ro')], false],
  ['a folder below it is read-only', [root, mount('/var/lib/sallyport/connect', 'ro')], false],
  [
    'a writable mount hides a read-only one',
    [root, mount('/var/lib', 'ro'), mount('/var/lib/sallyport', 'rw')],
    false,
  ],
  [
    'it is mounted twice, the second time read-only',
    [root, mount('/var/lib/sallyport', 'rw'), mount('/var/lib/sallyport', 'ro')],
    true,
  ],
  ['an option only contains ro', [mount('/', 'rw,errors=remount-ro')], false],
])('when %s, tells whether the state folder can be written', (_, lines, expected) => {
  expect(isMountReadOnly(`${lines.join('\n')}\n`, '/var/lib/sallyport')).toBe(expected);
});

it('when a mount point contains a space, decodes it', () => {
  const lines = [root, mount(String.raw`/my\040state`, 'ro')].join('\n');
  expect(isMountReadOnly(lines, '/my state/sallyport')).toBe(true);
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
