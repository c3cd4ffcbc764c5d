import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How long the runtime may take to arrive before the web host opens instead, milliseconds. */
const downloadTimeoutMs = 6_000;

export type DesktopRuntime = { executable: string } | { missing: string };

/** The installer writes `path.txt` last. Without it, the download may be incomplete. */
function installedExecutable(): string | null {
  const pathFile = 'node_modules/electron/path.txt';
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  const usual = process.platform === 'win32' ? 'electron.exe' : 'electron';
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : override === undefined ? null : usual;
  if (name === null) return null;
  const executable = join(override ?? 'node_modules/electron/dist', name);
  return existsSync(executable) ? executable : null;
}

/** Runs Electron's installer in a separate process, which is killed after the timeout. */
function fetchRuntime(): Promise<'done' | 'failed' | 'slow'> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['node_modules/electron/install.js'], { stdio: 'ignore' });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      resolve('slow');
    }, downloadTimeoutMs);
    const settle = (result: 'done' | 'failed') => {
      clearTimeout(timer);
      resolve(result);
    };
    child.on('error', () => settle('failed'));
    child.on('exit', (code) => settle(code === 0 ? 'done' : 'failed'));
  });
}

/**
 * Finds Electron's runtime, or says in one line why the desktop can't open here. Never takes longer than a
 * few seconds.
 */
export async function findDesktopRuntime(): Promise<DesktopRuntime> {
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
    return { missing: 'no graphical display' };
  }
  if (process.platform === 'linux' && process.getuid?.() === 0)
    return { missing: "Electron's sandbox does not run as root" };
  const present = installedExecutable();
  if (present !== null) return { executable: present };
  if (process.env['ELECTRON_OVERRIDE_DIST_PATH'] !== undefined)
    return { missing: 'ELECTRON_OVERRIDE_DIST_PATH holds no Electron' };
  const fetched = await fetchRuntime();
  const executable = installedExecutable();
  if (executable !== null) return { executable };
  return {
    missing:
      fetched === 'slow'
        ? `Electron's runtime did not arrive within ${downloadTimeoutMs / 1000} s`
        : "Electron's runtime can't be had from here",
  };
}
