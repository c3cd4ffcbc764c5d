import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { startNewBox, type InstalledBox } from './installedBox.ts';
import { refusalFile } from './preparedBox.ts';

/*
 * `prepareBox.ts FOLDER`: installs the kit in a box and writes its files into FOLDER, unless that exists. The caller has
 * locked the folder that contains FOLDER. Deletes prepared boxes of other states that no box uses.
 */
const run = promisify(execFile);
/** Folders whose files are large. Boxes read them in place. */
const large = ['opt', 'home'];
/** Fills the commands' compile cache. */
const commands = [
  'ke_status',
  'ke_manage_remote_networks list',
  'ke_manage_license_key show',
  'ke_update_configuration show',
];

async function deleteOthers(folder: string): Promise<void> {
  for (const name of await readdir(dirname(folder))) {
    const other = join(dirname(folder), name);
    if (other === folder) continue;
    const lock = join(other, 'lock');
    // flock ends with 1 if a box holds the lock.
    if (existsSync(lock)) await run('flock', ['--nonblock', lock, 'rm', '-rf', other]).catch(() => undefined);
    else await rm(other, { recursive: true });
  }
}

/** Ends all services, and removes what a box gets at its start. */
async function settle({ box }: InstalledBox): Promise<void> {
  for (const command of commands) await box.system.run(command.split(' '));
  await box.system.mustRun(['service', 'sallyport', 'stop']);
  await box.sshd.stopSshd();
  await box.rsyslog.stop();
  const remove =
    'rm /etc/ssh/ssh_host_*; for file in /home/*/.ssh/authorized_keys $(find /var/log -type f); do : >"$file"; done';
  await box.system.mustRun(['sh', '-ec', remove]);
}

/** With owners, modes, ACLs, attributes and the overlay's marks of deleted files, on each file system. */
async function packSmall({ box }: InstalledBox, folder: string): Promise<void> {
  const options = ['--format=posix', '--numeric-owner', '--one-file-system', '--acls'];
  const attributes = ['--xattrs', '--xattrs-include=*'];
  const places = {
    upper: `/proc/${box.system.pid}/fd/3`,
    local: box.system.path('/usr'),
    log: box.system.path('/var'),
    dev: box.system.path('/'),
  };
  const sources = Object.entries(places).flatMap(([name, parent]) => ['-C', parent, name]);
  await run('tar', [...options, ...attributes, '-cf', join(folder, 'small.tar'), ...sources]);
}

async function copyLarge({ box }: InstalledBox, folder: string): Promise<void> {
  for (const name of large)
    await run('cp', ['-dR', '--preserve=all', box.system.path(`/${name}`), join(folder, name)]);
}

/** Rejects if boxes can't have the folder below their files. */
async function tryOverlay(folder: string): Promise<void> {
  const script = `
    set -e; mount --make-rprivate /; mount -t tmpfs stock-box "$1/try"; cd "$1/try"; mkdir upper work root
    mount -t overlay -o "lowerdir=$1/opt,upperdir=$1/try/upper,workdir=$1/try/work" stock-box root
    touch root/sallyport/node; rm -r root/sallyport/kit`;
  const place = join(folder, 'try');
  await mkdir(place);
  try {
    await run('unshare', ['--mount', 'sh', '-c', script, 'sh', folder]);
  } finally {
    await rmdir(place);
  }
}

async function prepare(folder: string): Promise<void> {
  const installed = await startNewBox({ hostname: 'prepared' });
  try {
    await settle(installed);
    await packSmall(installed, folder);
    try {
      await copyLarge(installed, folder);
      await tryOverlay(folder);
    } catch (error) {
      for (const name of [...large, 'small.tar'])
        await rm(join(folder, name), { recursive: true, force: true });
      await writeFile(join(folder, refusalFile), `${error instanceof Error ? error.message : 'unknown'}\n`);
    }
  } finally {
    await installed.box.stop();
  }
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: prepareBox.ts FOLDER');
if (!existsSync(folder)) {
  await deleteOthers(folder);
  const part = join(dirname(folder), `.${basename(folder)}`);
  await mkdir(part);
  await writeFile(join(part, 'lock'), '');
  await prepare(part);
  await rename(part, folder);
}
