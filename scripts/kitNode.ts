import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { z } from 'zod';

const run = promisify(execFile);
const compress = promisify(gzip);
const decompress = promisify(gunzip);

/**
 * An appliance has no internet access and Debian 12's own Node is too old, so the kit includes one for each
 * of these.
 */
const architectures = ['x64', 'arm64'] as const;
export type Architecture = (typeof architectures)[number];

const kitFolder = 'out/kit';
/** Keeps the packed Node files, because packing takes seconds and its result depends only on the version. */
const cacheFolder = 'out/node';
const sumsFile = 'node.sha256';

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), integrity: z.string().optional() }),
  ),
});

type LockedNode = { name: string; version: string; integrity: string };

async function lockedNode(architecture: Architecture): Promise<LockedNode> {
  const name = `node-linux-${architecture}`;
  const lock = lockSchema.parse(JSON.parse(await readFile('package-lock.json', 'utf8')));
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {};
  if (version === undefined || integrity === undefined) throw new Error(`package-lock.json lacks ${name}`);
  return { name, version, integrity };
}

async function installedNode({ name, version }: LockedNode): Promise<Buffer | null> {
  const folder = join('node_modules', name);
  if (!existsSync(join(folder, 'bin/node'))) return null;
  const installed = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
  return installed.version === version ? readFile(join(folder, 'bin/node')) : null;
}

/** Rejects if the registry can't be reached, or if the download doesn't match package-lock.json. */
async function downloadedNode({ name, version, integrity }: LockedNode): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-node-'));
  try {
    const words = [
      'pack',
      `${name}@${version}`,
      '--pack-destination',
      folder,
      '--fetch-retries=0',
      '--silent',
    ];
    await run('npm', words, { shell: process.platform === 'win32' });
    const archive = join(folder, `${name}-${version}.tgz`);
    const [algorithm = '', expected] = integrity.split(/-(.*)/su);
    const digest = createHash(algorithm)
      .update(await readFile(archive))
      .digest('base64');
    if (digest !== expected) throw new Error(`${name}@${version} is not what package-lock.json names`);
    await run('tar', ['-xzf', archive, '-C', folder, 'package/bin/node']);
    return await readFile(join(folder, 'package/bin/node'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes a new file and renames it, so that a parallel build never reads half a file. */
async function place(path: string, content: Buffer | string): Promise<void> {
  const fresh = `${path}.${process.pid}.new`;
  await writeFile(fresh, content);
  await rename(fresh, path);
}

/** The cached archive, packed if missing; null if there is no Node to pack. */
async function packNode(architecture: Architecture, mayDownload: boolean): Promise<string | null> {
  const locked = await lockedNode(architecture);
  const archive = join(cacheFolder, `${locked.name}-${locked.version}.gz`);
  if (existsSync(archive) && existsSync(`${archive}.sum`)) return archive;
  let program = await installedNode(locked);
  if (program === null && mayDownload) {
    process.stderr.write(`Downloading ${locked.name} ${locked.version}…\n`);
    program = await downloadedNode(locked).catch((error: unknown) => {
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      process.stderr.write(`Not downloaded: ${reason}\n`);
      return null;
    });
  }
  if (program === null) return null;
  process.stderr.write(`Packing ${locked.name} ${locked.version}…\n`);
  await mkdir(cacheFolder, { recursive: true });
  const packed = await compress(program, { level: 6 });
  await place(`${archive}.sum`, createHash('sha256').update(packed).digest('hex'));
  await place(archive, packed);
  return archive;
}

/** Writes the kit's Node for an architecture to `target`, as a program. Throws if no Node for it can be packed. */
export async function unpackNode(architecture: Architecture, target: string): Promise<void> {
  const archive = await packNode(architecture, true);
  if (archive === null) throw new Error(`there is no Node for ${architecture}`);
  await writeFile(target, await decompress(await readFile(archive)), { mode: 0o755 });
}

/**
 * Adds a compressed Node for each architecture to the kit, with a file of checksums that install.sh verifies.
 * An architecture that is neither installed nor downloadable is left out and reported on stderr.
 */
export async function placeNodes({ mayDownload }: { mayDownload: boolean }): Promise<void> {
  const sums: string[] = [];
  const wanted = new Set([sumsFile]);
  await mkdir(kitFolder, { recursive: true });
  const before = await readFile(join(kitFolder, sumsFile), 'utf8').catch(() => '');
  for (const architecture of architectures) {
    const archive = await packNode(architecture, mayDownload);
    if (archive === null) {
      const advice = mayDownload ? 'run `npm run build` with a connection to add it' : 'not needed here';
      process.stderr.write(`The kit has no Node for ${architecture} (${advice}).\n`);
      continue;
    }
    const name = `node-linux-${architecture}`;
    wanted.add(`${name}.gz`);
    const sum = `${await readFile(`${archive}.sum`, 'utf8')}  ${name}.gz\n`;
    sums.push(sum);
    const target = join(kitFolder, `${name}.gz`);
    // An existing file may be in use, for example while a test copies it.
    if (existsSync(target) && before.includes(sum)) continue;
    await copyFile(archive, `${target}.${process.pid}.new`);
    await rename(`${target}.${process.pid}.new`, target);
  }
  if (before !== sums.join('')) await place(join(kitFolder, sumsFile), sums.join(''));
  for (const name of await readdir(kitFolder))
    if (name.startsWith('node') && !wanted.has(name)) await rm(join(kitFolder, name), { recursive: true });
}
