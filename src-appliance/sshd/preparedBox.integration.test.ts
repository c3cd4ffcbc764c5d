import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startInstalledBox, startNewBox, type InstalledBox } from '../../test-support/installedBox.ts';
import { findPreparedBox, refusalFile } from '../../test-support/preparedBox.ts';
import { startStockBox } from '../../test-support/stockBox.ts';
import { waitFor } from '../../test-support/waitFor.ts';

const run = promisify(execFile);
let fresh: InstalledBox;
let prepared: InstalledBox;

beforeAll(async () => {
  await findPreparedBox();
  [fresh, prepared] = await Promise.all([startNewBox({}), startInstalledBox({})]);
});
afterAll(async () => {
  await fresh.box.stop();
  await prepared.box.stop();
});

/** Files whose content each box has for itself. */
const ownFiles = [
  '/etc/sallyport/appliance.json',
  '/etc/ssh/ssh_host_ed25519_key',
  '/etc/ssh/ssh_host_ed25519_key.pub',
  '/home/ubuntu/.ssh/authorized_keys',
  '/run/rsyslogd.pid',
  '/run/sallyport-observer.pid',
  '/run/sallyport-ping.pid',
  '/run/sallyport.pid',
  '/run/sallyport/service/service.json',
  '/run/sshd.pid',
  '/var/lib/sallyport/clock.json',
  '/var/lib/sallyport/secrets/private.pem',
  '/var/lib/sallyport/secrets/public.pem',
  '/var/lib/sallyport/secrets/service-public.pem',
  '/var/log/auth.log',
  '/var/log/syslog',
  '/var/log/user.log',
];
/** Files with the day on which an account got its password. */
const datedFiles = ['/etc/shadow', '/etc/shadow-'];
/** Where a prepared box reads large files in place. */
const largeFolders = ['/opt', '/home'];
/** The descriptor of the first process leads to what the box has in place of this machine's files. */
const changed = '/proc/1/fd/3/upper';

const isOneOf = (paths: readonly string[], line: string) => paths.some((path) => line.endsWith(path));

const hideSize = (line: string) => line.replace(/^(\S+ \S+) \d+/u, '$1 SIZE');

async function readLines({ box }: InstalledBox, script: string): Promise<string[]> {
  const printed = await box.system.mustRun(['bash', '-o', 'pipefail', '-ec', script]);
  const lines = printed.replaceAll(box.folder, '/tmp/FOLDER').trimEnd().split('\n').sort();
  // More commands have run in a prepared box, and what Node compiles is never the same. The observer may be writing the mark
  // of the clock.
  return lines.filter((line) => !/\/opt\/sallyport\/compiled\/|\/clock\.json\.\S+\.new$/u.test(line));
}

const mounts = `$(awk '$3 ~ /^(tmpfs|overlay)$/ && $2 != "/" { print $2 }' /proc/mounts)`;

/** Type, mode, owner, size, name, target, ACL and attributes of each file that is not this machine's. */
async function listFiles(installed: InstalledBox): Promise<string[]> {
  const attributes = "--acls --xattrs --xattrs-include='*' --numeric-owner";
  const pack = `tar -P --one-file-system --format=posix ${attributes} -cf -`;
  const list = `tar -P ${attributes} --full-time -tvvf -`;
  // tar prints ACL and attributes below their file.
  const join = `awk '/^ / { line = line $0; next } NR > 1 { print line } { $4 = $5 = ""; line = $0 } END { print line }'`;
  const lines = await readLines(
    installed,
    `{ ${pack} ${changed} | ${list}; for mount in ${mounts}; do ${pack} $mount | ${list}; done; } | ${join}`,
  );
  // The size is the third word.
  return lines.map((line) => (isOneOf(ownFiles, line) ? hideSize(line) : line)).sort();
}

/** The checksum of each file that is not this machine's. */
async function listContents(installed: InstalledBox): Promise<string[]> {
  const lines = await readLines(installed, `find ${changed} ${mounts} -xdev -type f -exec sha256sum {} +`);
  return lines.filter((line) => !isOneOf([...ownFiles, ...datedFiles], line));
}

/** The processes once the schedule has run its commands and sleeps. */
async function listProcesses({ box }: InstalledBox): Promise<string[]> {
  const ps = ['ps', '-eo', 'user:20,args', '--no-headers'];
  let lines: string[] = [];
  await waitFor('the schedule sleeps', async () => {
    lines = (await box.system.mustRun(ps)).split('\n');
    return lines.some((line) => / sleep \d+$/u.test(line));
  });
  return lines.map((line) => line.replace(/\d+ of \d+-\d+/u, 'N of N')).sort();
}

/** Resolves with the lines of both boxes. */
const inBoth = <Result>(read: (installed: InstalledBox) => Promise<Result>) =>
  Promise.all([read(fresh), read(prepared)]);

describe('a box that starts with the files of a prepared box', () => {
  it('when compared with a box in which the kit was just installed, has the same files', async () => {
    // The schedule makes a file of its own.
    await inBoth(listProcesses);
    const [freshFiles, preparedFiles] = await inBoth(listFiles);
    expect(preparedFiles).toEqual(freshFiles);
    // So that an empty list is no proof: a file in place of this machine's, a deleted and a hidden one.
    const text = freshFiles.join('\n');
    expect(text).toMatch(/^-rw-r----- 0\/42 \d+ +\S+\/upper\/etc\/shadow$/mu);
    expect(text).toMatch(/^c--------- 0\/0 0,0 +\S+\/upper\/usr\/bin\/node$/mu);
    expect(text).toMatch(/^-rwxr-xr-x 0\/0 \d+ +\/opt\/sallyport\/node$/mu);
    expect(text).toContain('trusted.overlay');
  });

  it('when compared with such a box, has the same content in all files but its own', async () => {
    const [freshContents, preparedContents] = await inBoth(listContents);
    expect(preparedContents).toEqual(freshContents);
    expect(freshContents.length).toBeGreaterThan(50);
    for (const path of datedFiles) {
      const read = async ({ box }: InstalledBox) =>
        (await readFile(box.system.path(path), 'utf8')).replaceAll(/(?<=:)\d{5}(?=:)/gu, 'DAY');
      const [freshText, preparedText] = await inBoth(read);
      expect(preparedText).toBe(freshText);
    }
  });

  it('when compared with such a box, has its own keys and identity', async () => {
    const own = ownFiles.filter((path) => /\.pem$|_key|appliance\.json|authorized_keys/u.test(path));
    for (const path of own) {
      const [freshText, preparedText] = await inBoth(({ box }) => readFile(box.system.path(path), 'utf8'));
      expect(preparedText).not.toBe(freshText);
    }
    const [freshLength, preparedLength] = await inBoth(
      async ({ box }) => (await readFile(box.system.path('/etc/sallyport/appliance.json'))).length,
    );
    expect(preparedLength).toBe(freshLength);
    const secrets = '/var/lib/sallyport/secrets';
    await prepared.box.system.mustRun(['cmp', `${secrets}/public.pem`, `${secrets}/service-public.pem`]);
    const derive = `openssl pkey -in ${secrets}/private.pem -pubout | cmp - ${secrets}/public.pem`;
    await prepared.box.system.mustRun(['sh', '-c', derive]);
  });

  it('when compared with such a box, has the same processes and mounts, but large files are read in place', async () => {
    const [freshProcesses, preparedProcesses] = await inBoth(listProcesses);
    expect(preparedProcesses).toEqual(freshProcesses);
    const table = String.raw`sed -E 's/^(\S+ ){3}(\S+ \S+ \S+).* - (\S+) .*/\2 \3/' /proc/self/mountinfo`;
    const [freshMounts, preparedMounts] = await inBoth((installed) => readLines(installed, table));
    expect(preparedMounts).toEqual(
      freshMounts.map((line) =>
        largeFolders.includes(line.split(' ')[1] ?? '') ? line.replace('tmpfs', 'overlay') : line,
      ),
    );
  });

  it('when started with options, has that version, name, settings and group', async () => {
    const box = await startStockBox({
      hostname: 'quay-09',
      applianceVersion: '1.30.2',
      isLogReader: true,
      clientAlive: { intervalSeconds: 2, countMax: 7 },
      config: { defaultQuota: 3 },
    });
    onTestFinished(box.stop);
    const status = await box.ke(['ke_status', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({
      identity: { hostname: 'quay-09', id: box.config.applianceId },
      versions: { appliance: '1.30.2' },
    });
    expect(box.config).toMatchObject({ clientAliveSeconds: 2, defaultQuota: 3 });
    expect(await box.system.mustRun(['hostname'])).toBe('quay-09\n');
    expect(await box.system.mustRun(['id', '-Gn', box.adminUser])).toBe('ubuntu adm\n');
    const sshd = await box.system.mustRun(['sshd', '-T', '-C', 'user=connect,host=x,addr=127.0.0.1']);
    expect(sshd).toMatch(/^clientaliveinterval 2$/mu);
    expect(sshd).toMatch(/^clientalivecountmax 7$/mu);
  });
});

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-boxes-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe('preparing a box', () => {
  const program = join(import.meta.dirname, '../../test-support/prepareBox.ts');

  it('when boxes of other states are there, deletes those that no box uses', async () => {
    const boxes = await createFolder();
    for (const name of ['used', 'unused', '.interrupted']) {
      await mkdir(join(boxes, name, 'opt'), { recursive: true });
      if (name !== '.interrupted') await writeFile(join(boxes, name, 'lock'), '');
    }
    const argv = ['--shared', join(boxes, 'used', 'lock'), 'sh', '-c', 'echo locked; exec cat'];
    const user = spawn('flock', argv, { stdio: ['pipe', 'pipe', 'ignore'] });
    await once(user.stdout, 'data');
    await run(process.execPath, [program, join(boxes, 'new')]);
    expect((await readdir(boxes)).sort()).toEqual(['new', 'used']);
    expect((await readdir(join(boxes, 'new'))).sort()).toEqual(['home', 'lock', 'opt', 'small.tar']);
    user.stdin.end();
    await once(user, 'close');
  });

  it('when its folder can’t be below a box’s files, says so and keeps no copy', async () => {
    // A colon separates the folders of an overlay.
    const boxes = join(await createFolder(), 'with:colon');
    await mkdir(boxes);
    await run(process.execPath, [program, join(boxes, 'new')]);
    expect((await readdir(join(boxes, 'new'))).sort()).toEqual(['lock', refusalFile]);
    expect(await readFile(join(boxes, 'new', refusalFile), 'utf8')).toContain('mount');
  });
});
