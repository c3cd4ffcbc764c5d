import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { AppError } from '../../../src-shared/errors.ts';
import { fileError } from './fileErrors.ts';

/** Runs `work` alone. Rejects with BUSY when the lock can't be had in time; else as `work` does. */
export type StateLock = <T>(work: () => Promise<T>) => Promise<T>;

/** Callers within this process, one after the other. */
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
 * Callers in all processes, one after the other. util-linux's flock(1) takes the lock on our open file, which keeps
 * it after flock's exit and drops it when we close or die: nothing is left behind by `kill -9`.
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
