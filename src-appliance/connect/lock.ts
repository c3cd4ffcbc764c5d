import { closeSync, lstatSync, openSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { secondMs } from '../../src-shared/base/time.ts';

/**
 * Far longer than a lock is ever held **[ours]**. A lock that is unchanged for this long was left by a killed process.
 */
const abandonedAfterMs = 5 * secondMs;
const pollMs = 10;

function markOf(path: string): string | null {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.ino} ${found.mtimeNs}`;
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

/**
 * Excludes other processes for a few milliseconds with a lock file. Resolves with the function that releases it.
 * Rejects with the file system's error if no file can be created.
 */
export async function lock(path: string): Promise<() => void> {
  let seen: string | null = null;
  let since = performance.now();
  for (;;) {
    try {
      closeSync(openSync(path, 'wx', 0o600));
      const mine = markOf(path);
      return () => {
        // A lock that was held too long may belong to another process now.
        if (markOf(path) === mine) rmSync(path, { force: true });
      };
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
    const mark = markOf(path);
    if (mark !== seen) {
      seen = mark;
      since = performance.now();
    } else if (performance.now() - since > abandonedAfterMs) {
      rmSync(path, { force: true });
    }
    await delay(pollMs);
  }
}
