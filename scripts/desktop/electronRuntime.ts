import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { copyFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadArtifact } from '@electron/get';
import { z } from 'zod';
import { systemErrorCode } from '../../src-shared/node/systemErrorCode.ts';
import { noDisplay, rootFault, type DesktopFault } from './desktopFaults.ts';
import {
  DownloadFailure,
  downloadResumed,
  type DownloadLimits,
  type DownloadState,
} from './resumedDownload.ts';

/** `fetchable`: the runtime is not here, but nothing else is in the way. */
export type DesktopRuntime =
  | { state: 'present'; executable: string }
  | { state: 'fetchable' }
  | { state: 'impossible'; fault: DesktopFault };

/** The computer, as far as it matters here. Tests pass another one. */
export type Computer = { platform: NodeJS.Platform; isRoot: boolean; env: NodeJS.ProcessEnv };

export const thisComputer: Computer = {
  platform: process.platform,
  isRoot: process.getuid?.() === 0,
  env: process.env,
};

/** The installer writes `path.txt` last. Without it, the runtime may be incomplete. */
function installedExecutable(packageFolder: string, { env, platform }: Computer): string | null {
  const pathFile = join(packageFolder, 'path.txt');
  const override = env['ELECTRON_OVERRIDE_DIST_PATH'];
  const usual = platform === 'win32' ? 'electron.exe' : 'electron';
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : override === undefined ? null : usual;
  if (name === null) return null;
  const executable = join(override ?? join(packageFolder, 'dist'), name);
  return existsSync(executable) ? executable : null;
}

const impossible = (fault: DesktopFault): DesktopRuntime => ({ state: 'impossible', fault });

/** Whether the desktop can open here: at once, after a download, or not at all. `packageFolder` is Electron's package. */
export function findDesktopRuntime(packageFolder: string, computer: Computer): DesktopRuntime {
  const { env, isRoot, platform } = computer;
  if (platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return impossible(noDisplay);
  if (platform === 'linux' && isRoot) return impossible(rootFault);
  const executable = installedExecutable(packageFolder, computer);
  if (executable !== null) return { state: 'present', executable };
  if (env['ELECTRON_OVERRIDE_DIST_PATH'] !== undefined)
    return impossible({
      reason: 'ELECTRON_OVERRIDE_DIST_PATH names a folder without Electron',
      remedy: 'correct or remove that variable',
    });
  return { state: 'fetchable' };
}

/** Electron's own installer checks the downloaded file again and unpacks it. Throws Error with its last line. */
function runInstaller(packageFolder: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(packageFolder, 'install.js')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env,
      signal,
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-10_000)));
    child.on('error', reject);
    child.on('close', (code) => {
      const [first = 'no message'] = said.trim().split('\n');
      if (code === 0) resolve();
      else reject(new Error(`Electron's installer failed: ${first}`));
    });
  });
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (thrown) {
    if (systemErrorCode(thrown) !== 'EXDEV') throw thrown;
    await copyFile(from, to);
    rmSync(from);
  }
}

export type RuntimeFetch = {
  packageFolder: string;
  /** Keeps an incomplete download for the next start. */
  partFolder: string;
  computer: Computer;
  limits: DownloadLimits;
  onProgress: (state: DownloadState) => void;
  signal: AbortSignal;
};

/** Downloads the locked version of the runtime into Electron's cache, where its installer finds it. */
async function fillCache(fetch: RuntimeFetch): Promise<void> {
  const { limits, onProgress, packageFolder, partFolder, signal } = fetch;
  const readJson = (name: string): unknown => JSON.parse(readFileSync(join(packageFolder, name), 'utf8'));
  const { version } = z.object({ version: z.string() }).parse(readJson('package.json'));
  const checksums = z.record(z.string(), z.string()).parse(readJson('checksums.json'));
  const { env, platform } = fetch.computer;
  const cacheRoot = env['electron_config_cache'];
  const mirror = env['ELECTRON_MIRROR'];
  const partFile = join(partFolder, `electron-v${version}-${platform}-${process.arch}.zip.part`);
  let wasResumed = false;
  const downloader = {
    download: async (url: string, target: string) => {
      wasResumed = statSync(partFile, { throwIfNoEntry: false }) !== undefined;
      await downloadResumed({ url, partFile, onProgress, signal, limits });
      await move(partFile, target);
    },
  };
  const artifact = {
    version,
    artifactName: 'electron',
    platform,
    arch: process.arch,
    checksums,
    downloader,
    tempDirectory: partFolder,
    ...(cacheRoot === undefined ? {} : { cacheRoot }),
    ...(mirror === undefined ? {} : { mirrorOptions: { mirror } }),
  };
  try {
    await downloadArtifact(artifact);
  } catch (thrown) {
    // The kept part was damaged, or of another file: without it, the download starts over.
    if (!wasResumed || thrown instanceof DownloadFailure || signal.aborted) throw thrown;
    await downloadArtifact(artifact);
  }
}

/**
 * Downloads and installs Electron's runtime. Returns its executable. What arrived is kept when this fails. Throws
 * DownloadFailure, or Error if a checksum or the installer refuses the file.
 */
export async function fetchRuntime(fetch: RuntimeFetch): Promise<string> {
  mkdirSync(fetch.partFolder, { recursive: true });
  await fillCache(fetch);
  await runInstaller(fetch.packageFolder, fetch.computer.env, fetch.signal);
  const executable = installedExecutable(fetch.packageFolder, fetch.computer);
  if (executable === null) throw new Error("Electron's installer brought no program");
  return executable;
}
