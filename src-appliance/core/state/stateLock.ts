import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { AppError } from '../../../src-shared/errors.ts';
import { fileError } from './fileErrors.ts';

/** Runs `work` exclusively. Rejects with BUSY if the lock is not free in time, otherwise like `work`. */
export type StateLock = <T>(work: () => Promise<T>) => Promise<T>;

/** Runs the callers of this process one after the other. */
export function createProcessLock(): StateLock {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };
}

function flock(request: { descriptor: number; waitSeconds: number }): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn('flock', ['-w', `${request.waitSeconds}`, '3'], {
      stdio: ['ignore', 'ignore', 'ignore', request.descriptor],
    });
    child.once('error', reject);
    child.once('close', resolve);
  });
}

/**
 * Runs the callers of all processes one after the other. util-linux's flock(1) locks our open file. The lock outlives
 * flock and ends when we close the file or die, so `kill -9` leaves nothing behind.
 */
export function createFileLock(options: { path: string; waitSeconds: number }): StateLock {
  const withinProcess = createProcessLock();
  return (work) =>
    withinProcess(async () => {
      const file = await open(options.path, 'a', 0o600).catch((cause: unknown) => {
        throw fileError(options.path, cause);
      });
      try {
        const exitCode = await flock({ descriptor: file.fd, waitSeconds: options.waitSeconds });
        if (exitCode !== 0)
          throw new AppError(
            'BUSY',
            `another command holds the lock; gave up after ${options.waitSeconds} seconds`,
          );
        return await work();
      } finally {
        await file.close();
      }
    });
}
