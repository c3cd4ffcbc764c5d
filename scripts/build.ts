import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeConsoleShipped } from './shipped/writeShipped.ts';
import { describeCommit } from '../src-main/base/buildRecord.ts';

/** Build targets with their inputs and commands. Everything else runs from source. */
const targets = {
  console: {
    command: ['electron-vite', 'build', '--logLevel', 'warn'],
    inputs: [
      'src-shared',
      'src-renderer',
      'src-main',
      'src-appliance',
      'electron.vite.config.ts',
      'scripts/precompress.ts',
      'scripts/nativeParts.ts',
      'scripts/pageantHelper.ts',
      'scripts/startLazily.ts',
      'scripts/writeAscii.ts',
      'scripts/shipped/recordModules.ts',
      'package.json',
      'package-lock.json',
    ],
    outputs: [
      'out/renderer/index.html',
      'out/desktop/desktop.js',
      'out/desktop/answerWorker.js',
      'out/desktop/engineProcess.js',
      'out/desktop/scanWorker.js',
      'out/desktop/cli.js',
      'out/desktop/lab.js',
      'out/desktop/pagent.exe',
      'out/preload/preload.cjs',
      'out/modules/desktop.json',
      'out/modules/preload.json',
      'out/modules/renderer.json',
    ],
  },
  kit: {
    command: ['vite', 'build', '-c', 'vite.kit.config.ts', '--logLevel', 'warn'],
    inputs: [
      'src-shared',
      'src-appliance',
      'resources/appliance',
      'resources/connect',
      'scripts/npmArchive.ts',
      'scripts/nativeParts.ts',
      'scripts/startLazily.ts',
      'scripts/writeAscii.ts',
      'scripts/shipped',
      'vite.kit.config.ts',
      'package.json',
      'package-lock.json',
    ],
    outputs: [
      'out/kit/ke_status.cjs',
      'out/kit/connect.mjs',
      'out/kit/sallyport-connect/package.json',
      'out/kit/sbom.cdx.json',
    ],
  },
  man: {
    command: ['node', '--disable-warning=ExperimentalWarning', 'scripts/writeManPages.ts'],
    inputs: [
      'src-shared',
      'src-main/hosts/cli',
      'scripts/manPages.ts',
      'scripts/writeManPages.ts',
      'package.json',
      'package-lock.json',
    ],
    outputs: ['out/man/sallyport.1'],
  },
} as const;
export type BuildTarget = keyof typeof targets;

export function isBuildTarget(name: string): name is BuildTarget {
  return Object.hasOwn(targets, name);
}

function listFiles(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Compares contents, not times, so that a fresh checkout does not trigger a build. */
function digest(inputs: readonly string[]): string {
  const hash = createHash('sha256');
  for (const input of inputs) {
    const files = input.includes('.') ? [input] : listFiles(input);
    for (const file of files) hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

function run(command: readonly string[]): Promise<number> {
  const [program = '', ...rest] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** Writes for the built files which commit they are of. A commit that changes no input needs no new build, but a new record. */
function writeBuildRecord(): void {
  mkdirSync('out', { recursive: true });
  writeFileSync('out/build.json', `${JSON.stringify(describeCommit('.'))}\n`);
}

async function build(target: BuildTarget): Promise<boolean> {
  const { command, inputs, outputs } = targets[target];
  const stampFile = `out/.${target}.stamp`;
  const wanted = digest(inputs);
  const isFresh =
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === wanted &&
    outputs.every((file) => existsSync(file));
  if (isFresh) return false;
  process.stderr.write(`Building the ${target}…\n`);
  rmSync(stampFile, { force: true });
  const status = await run(command);
  if (status !== 0) throw new Error(`building the ${target} failed`);
  mkdirSync('out', { recursive: true });
  writeFileSync(stampFile, wanted);
  return true;
}

/** Builds a target unless its output comes from exactly these inputs. Returns whether it built. */
export async function buildWhereStale(target: BuildTarget): Promise<boolean> {
  if (target === 'console') writeBuildRecord();
  const built = await build(target);
  // Of each commit, and after each of both, because a package may contain programs of both.
  if (target !== 'man' && existsSync('out/modules/renderer.json')) writeConsoleShipped();
  return built;
}
