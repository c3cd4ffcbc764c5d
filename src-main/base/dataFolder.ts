import { mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { AppError } from '../../src-shared/errors.ts';
import { expandPath } from './expandPath.ts';

/** The folder of `--data`, or the platform's folder for the data of one user. */
export function dataFolder(folder: string | undefined): string {
  if (folder !== undefined) return expandPath(folder);
  const home = homedir();
  switch (process.platform) {
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'Sallyport');
    case 'win32':
      return join(process.env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Sallyport');
    default: {
      // The XDG specification requires that a relative path is ignored.
      const xdg = process.env['XDG_DATA_HOME'];
      return join(
        xdg !== undefined && xdg.startsWith('/') ? xdg : join(home, '.local', 'share'),
        'sallyport',
      );
    }
  }
}

/**
 * Creates `folder` level by level. A recursive mkdir would loop forever below folders such as /proc, which
 * refuse new entries with ENOENT. Throws STORE_FAILED.
 */
export function createDataFolder(folder: string): void {
  const missing: string[] = [];
  let nearest = folder;
  try {
    while (statSync(nearest, { throwIfNoEntry: false }) === undefined && dirname(nearest) !== nearest) {
      missing.unshift(nearest);
      nearest = dirname(nearest);
    }
    for (const path of missing) makeOne(path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown reason';
    throw new AppError('STORE_FAILED', `The data folder ${folder} can’t be created: ${why}`, { cause });
  }
}

function makeOne(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (thrown) {
    // Another command may have created it at the same time.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw thrown;
  }
}
