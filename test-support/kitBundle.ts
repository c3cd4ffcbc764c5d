import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';

const run = promisify(execFile);
const repository = join(import.meta.dirname, '..');
let built: Promise<string> | undefined;

async function build(): Promise<string> {
  await mkdir(join(repository, 'out'), { recursive: true });
  // Several test files come here at once: the second waits, and then finds what the first built.
  const argv = ['out/.kit.lock', process.execPath, 'scripts/buildStale.ts', '--no-download', 'kit'];
  await run('flock', argv, {
    cwd: repository,
    env: { ...process.env, PATH: `${join(repository, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}` },
  });
  return join(repository, 'out/kit');
}

/** The kit's bundle as `npm run build` makes it, built only if its sources changed. Resolves with its folder. */
export function kitBundle(): Promise<string> {
  built ??= build();
  return built;
}

/** Copies the bundle without its packed Nodes: programs that a test runs, and may change. */
export async function copyPrograms(bundle: string, folder: string): Promise<void> {
  await cp(bundle, folder, { recursive: true, filter: (source) => !source.endsWith('.gz') });
}

/** Unpacks the bundle's Node for this machine, once for all test files; resolves with the file. */
async function unpackNode(archive: string, sum: string): Promise<string> {
  const folder = join(repository, 'out/unpacked');
  const file = join(folder, sum);
  if (existsSync(file)) return file;
  await mkdir(folder, { recursive: true });
  // Under its name only when it is whole: several test files come here at once.
  const part = `${file}.${randomUUID()}`;
  await pipeline(createReadStream(archive), createGunzip(), createWriteStream(part, { mode: 0o755 }));
  await rename(part, file);
  return file;
}

/**
 * Puts the bundle's Node into a new folder `program` as an earlier installation leaves it, so that install.sh only
 * checks it: to unpack it takes longer than all else of an installation.
 */
export async function placeNode(bundle: string, program: string): Promise<void> {
  const archive = `node-linux-${process.arch}.gz`;
  const sums = await readFile(join(bundle, 'node.sha256'), 'utf8');
  const sum = new RegExp(`^([0-9a-f]{64})  ${archive}$`, 'mu').exec(sums)?.[1];
  if (sum === undefined) throw new Error(`the bundle has no ${archive}`);
  const file = await unpackNode(join(bundle, archive), sum);
  await mkdir(program);
  await copyFile(file, join(program, 'node'));
  await writeFile(join(program, 'node.sha256'), `${sum}\n`);
}
