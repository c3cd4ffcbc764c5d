import { mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { AppError } from '../../src-shared/errors.ts';
import { givenPath } from './givenPath.ts';

/** Where this platform keeps a program's data for one user, unless `--data` names a folder. */
export function dataFolder(given: string | undefined): string {
  if (given !== undefined) return givenPath(given);
  const home = homedir();
  switch (process.platform) {
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'Sallyport');
    case 'win32':
      return join(process.env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Sallyport');
    default: {
      // The XDG specification: a relative path is to be ignored.
      const xdg = process.env['XDG_DATA_HOME'];
      return join(
        xdg !== undefined && xdg.startsWith('/') ? xdg : join(home, '.local', 'share'),
        'sallyport',
      );
    }
  }
}

/**
 * Makes what is missing of `folder`, one level at a time: a recursive mkdir tries for ever below a folder that takes no
 * entries and says that they don't exist, as /proc does. Throws STORE_FAILED.
 */
export function makeDataFolder(folder: string): void {
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
    throw new AppError('STORE_FAILED', `The data folder ${folder} can't be made: ${why}`, { cause });
  }
}

function makeOne(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (thrown) {
    // Another command that starts at the same time may have made it.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw thrown;
  }
}
