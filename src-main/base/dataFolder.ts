import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../../src-shared/errors.ts';
import { expandPath } from './expandPath.ts';
import { userFolder } from './userFolder.ts';

/** The folder of `--data`, or the platform's folder for the data of one user. */
export function dataFolder(folder: string | undefined): string {
  return folder === undefined ? userFolder() : expandPath(folder);
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
