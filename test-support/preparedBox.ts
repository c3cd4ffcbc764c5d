import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildKitBundle } from './kitBundle.ts';

/*
 * A prepared box: the files of a box in which the kit was installed, in `out/boxes/HASH`. Later boxes start with them,
 * because an installation takes about ten times the processor time of such a start. HASH covers all that the files depend on.
 */
const run = promisify(execFile);
const boxes = join(import.meta.dirname, '../out/boxes');
/** Its presence means that the file system of `out` can't be below that of a box, so that each box installs. */
export const refusalFile = 'refused';

const programs = [
  'bareBox.ts',
  'boxSystem.ts',
  'installKit.ts',
  'installedBox.ts',
  'kitBundle.ts',
  'prepareBox.ts',
  'preparedBox.ts',
  'stockBox.sh',
].map((name) => join(import.meta.dirname, name));
/** What a box takes from this machine: accounts, and what stockBox.sh removes. */
const accounts = ['/etc/passwd', '/etc/group'];
const listed = ['/etc/init.d', '/etc/ssh', '/var/lib'];
const packageState = '/var/lib/dpkg/status';

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  // The bundle has a file with the checksums of its archives.
  return files.filter((file) => !file.endsWith('.gz'));
}

function isSystemAccount(line: string): boolean {
  const [name = '', , id] = line.split(':');
  return !/^(?:connect|sallyport.*)$/u.test(name) && (Number(id) < 1000 || Number(id) > 65_000);
}

/** The lines of accounts that stockBox.sh keeps: tests add others to this machine and remove them. */
function systemAccounts(text: string): string {
  return text.split('\n').filter(isSystemAccount).join('\n');
}

async function hashState(bundle: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of [...programs, ...(await filesBelow(bundle)).sort()]) {
    const { mode } = await stat(file);
    hash.update(`${file}\0${mode}\0`).update(await readFile(file));
  }
  for (const file of accounts) hash.update(`${file}\0${systemAccounts(await readFile(file, 'utf8'))}\0`);
  for (const folder of listed) hash.update(`${folder}\0${(await readdir(folder)).sort().join('\0')}\0`);
  const { size, mtimeMs } = await stat(packageState);
  return hash.update(`${size}\0${mtimeMs}`).digest('hex').slice(0, 32);
}

async function find(): Promise<string | null> {
  const folder = join(boxes, await hashState(await buildKitBundle()));
  if (!existsSync(folder)) {
    await mkdir(boxes, { recursive: true });
    // Several test files may need it at the same time. With this lock, one makes it and the others wait.
    const program = join(import.meta.dirname, 'prepareBox.ts');
    await run('flock', [`${boxes}.lock`, process.execPath, program, folder]);
  }
  return existsSync(join(folder, refusalFile)) ? null : folder;
}

let found: Promise<string | null> | undefined;

/**
 * The folder of the prepared box for this state of the kit and this machine. Makes it the first time. Null if boxes can't
 * start with it. Rejects if the kit can't be installed.
 */
export function findPreparedBox(): Promise<string | null> {
  found ??= find();
  return found;
}
