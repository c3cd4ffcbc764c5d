import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { AppError } from '../../../src-shared/errors.ts';
import { fileError } from './fileErrors.ts';

/**
 * Runs `work` while no other process or caller does. Rejects with BUSY if the lock is not free in time,
 * otherwise like `work`.
 */
export type StateLock = <T>(work: () => Promise<T>) => Promise<T>;

/** A lock among the callers of this process. */
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
 * A lock among all processes. flock(1) of util-linux locks the file that this process has opened. The lock is
 * released when the file is closed or the process dies, so that `kill -9` leaves no lock.
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
