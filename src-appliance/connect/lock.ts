import { closeSync, lstatSync, openSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { secondMs } from '../../src-shared/base/time.ts';

/** Far longer than anybody holds one **[ours]**: a lock that stays the same for so long was left by a killed process. */
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
 * Keeps other processes out for a few milliseconds, by a file. Resolves, once it is free, with what lets it go. Rejects
 * with the file system's error where no file can be made.
 */
export async function lock(path: string): Promise<() => void> {
  let seen: string | null = null;
  let since = performance.now();
  for (;;) {
    try {
      closeSync(openSync(path, 'wx', 0o600));
      const mine = markOf(path);
      return () => {
        // One that was held for too long may be another's by now.
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
