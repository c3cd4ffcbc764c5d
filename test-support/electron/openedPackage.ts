import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { extractAll } from '@electron/asar';

/** All files below a folder, with their bytes. */
export function listSizes(folder: string): { path: string; bytes: number }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(folder, path), bytes: statSync(path).size }));
}

/** Runs a program and returns its output. Throws if it fails. */
export function outputOf(command: string, ...args: string[]): string {
  const { error, status, stderr, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
  return stdout;
}

/** Unpacks the archive of a packed program, native modules included. Returns the folder. */
export function extractApp(unpacked: string, folder: string): string {
  extractAll(join(unpacked, 'resources', 'app.asar'), folder);
  return folder;
}

/** Unpacks a deb without installing it. */
export function extractDeb(file: string, folder: string): string {
  mkdirSync(folder);
  outputOf('dpkg-deb', '--raw-extract', file, folder);
  return folder;
}

/** The keys of a desktop entry. */
export function readDesktopEntry(file: string): Record<string, string> {
  const lines = readFileSync(file, 'utf8').split('\n');
  return Object.fromEntries(
    lines.flatMap((line) => {
      const match = /^([A-Za-z]+)=(.*)$/u.exec(line);
      return match === null ? [] : [[match[1], match[2]]];
    }),
  );
}
