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

/** Set by the global setup of the tests when the bundle was built for all test files. */
const builtVariable = 'SALLYPORT_TEST_BUNDLE';

async function build(): Promise<string> {
  const present = process.env[builtVariable];
  if (present !== undefined) return present;
  await mkdir(join(repository, 'out'), { recursive: true });
  // Several test files may need the bundle at the same time. With this lock, one builds it and the others
  // wait.
  const argv = ['out/.kit.lock', process.execPath, 'scripts/buildStale.ts', '--no-download', 'kit'];
  await run('flock', argv, {
    cwd: repository,
    env: { ...process.env, PATH: `${join(repository, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}` },
  });
  return join(repository, 'out/kit');
}

/** Builds the kit's bundle like `npm run build`, if its sources have changed. Resolves with its folder. */
export function buildKitBundle(): Promise<string> {
  built ??= build();
  return built;
}

/** Builds the bundle for all test files, whose processes must start later. */
export async function shareKitBundle(): Promise<void> {
  process.env[builtVariable] = await buildKitBundle();
}

/** Copies the bundle without its compressed Node files, for tests that run and change its programs. */
export async function copyPrograms(bundle: string, folder: string): Promise<void> {
  await cp(bundle, folder, { recursive: true, filter: (source) => !source.endsWith('.gz') });
}

/** Unpacks the bundle's Node for this machine, once for all test files. Resolves with its path. */
async function unpackNode(archive: string, sum: string): Promise<string> {
  const folder = join(repository, 'out/unpacked');
  const file = join(folder, sum);
  if (existsSync(file)) return file;
  await mkdir(folder, { recursive: true });
  // Rename the file when it is complete, because several test files may unpack it at the same time.
  const part = `${file}.${randomUUID()}`;
  await pipeline(createReadStream(archive), createGunzip(), createWriteStream(part, { mode: 0o755 }));
  await rename(part, file);
  return file;
}

/**
 * Puts the bundle's Node into a new folder `program`, as after an earlier installation. install.sh then only
 * checks it, which is much faster than unpacking.
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
