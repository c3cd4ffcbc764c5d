import { closeSync, lstatSync, openSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { secondMs } from '../../src-shared/base/time.ts';

/**
 * A lock that doesn't change for this long was left by a killed process. No process holds a lock for so long
 * **[ours]**.
 */
const abandonedAfterMs = 5 * secondMs;
const pollMs = 10;

function readMark(path: string): string | null {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.ino} ${found.mtimeNs}`;
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

/**
 * Locks out other processes with a lock file, for a few milliseconds only. Resolves with the function that
 * unlocks. Rejects with the file system's error if the file can't be created.
 */
export async function lock(path: string): Promise<() => void> {
  let seen: string | null = null;
  let since = performance.now();
  for (;;) {
    try {
      closeSync(openSync(path, 'wx', 0o600));
      const mine = readMark(path);
      return () => {
        // After a long pause of this process, the lock may belong to another process.
        if (readMark(path) === mine) rmSync(path, { force: true });
      };
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
    const mark = readMark(path);
    if (mark !== seen) {
      seen = mark;
      since = performance.now();
    } else if (performance.now() - since > abandonedAfterMs) {
      rmSync(path, { force: true });
    }
    await delay(pollMs);
  }
}
