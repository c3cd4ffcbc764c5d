import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';

/** Debian's names of Node's architectures. */
export const debArchitectures = { x64: 'amd64', arm64: 'arm64' } as const;

/** Runs a program without its output. Throws if it fails. */
export function runTool(command: string, ...args: string[]): void {
  const { error, status } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (error !== undefined) throw new Error(`${command} can't be started: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ended with exit code ${status}`);
}

/** All entries below a folder, in a fixed order. */
function listEntries(folder: string): { path: string; isFile: boolean }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => ({ path: join(entry.parentPath, entry.name), isFile: entry.isFile() }))
    .sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** Sets one time for everything, because dpkg-deb changes only times that are later than SOURCE_DATE_EPOCH. */
function setTimes(root: string, seconds: number): void {
  for (const { path } of [...listEntries(root), { path: root }]) lutimesSync(path, seconds, seconds);
}

/**
 * Makes the Debian package `file` of the files below `root` with dpkg-deb. `scripts` are maintainer scripts by their names. The
 * same files and the same `sourceDate`, in seconds, give the same package. Throws if dpkg-deb fails.
 */
export function writeDeb(options: {
  root: string;
  file: string;
  fields: readonly (readonly [name: string, value: string])[];
  scripts: Readonly<Record<string, string>>;
  compression: readonly string[];
  sourceDate: number;
}): void {
  const { compression, fields, file, root, scripts, sourceDate } = options;
  const files = listEntries(root)
    .filter((entry) => entry.isFile)
    .map(({ path }) => path);
  const bytes = files.reduce((sum, path) => sum + statSync(path).size, 0);
  const sums = files.map((path) => {
    const sum = createHash('md5').update(readFileSync(path)).digest('hex');
    return `${sum}  ${relative(root, path)}\n`;
  });
  const control = join(root, 'DEBIAN');
  mkdirSync(control, { mode: 0o755 });
  const size = ['Installed-Size', `${Math.ceil(bytes / 1024)}`] as const;
  const lines = fields
    .flatMap((field) => (field[0] === 'Description' ? [size, field] : [field]))
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}\n`);
  writeFileSync(join(control, 'control'), lines.join(''));
  writeFileSync(join(control, 'md5sums'), sums.join(''));
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(control, name), text);
    chmodSync(join(control, name), 0o755);
  }
  setTimes(root, sourceDate);
  const time = `SOURCE_DATE_EPOCH=${sourceDate}`;
  runTool('env', time, 'dpkg-deb', '--root-owner-group', ...compression, '--build', root, file);
}
