import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type LabFolder = { path: string; remove: () => Promise<void> };

/**
 * Waits until its input ends, then removes the folder. Tries five times, because other processes may still
 * write to it.
 */
const sweeper =
  'cat > /dev/null; for turn in 1 2 3 4 5; do rm -rf -- "$1" 2> /dev/null; [ -e "$1" ] || exit 0; sleep 1; done';

/**
 * Creates a folder that is removed when the lab ends, even after `kill -9`. A shell in its own session reads
 * from a pipe to the lab and removes the folder when the pipe closes.
 */
export async function createLabFolder(): Promise<LabFolder> {
  const path = await mkdtemp(join(tmpdir(), 'sallyport-lab-'));
  const child = spawn('/bin/sh', ['-c', sweeper, 'sweeper', path], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.on('error', () => undefined);
  child.unref();
  return {
    path,
    remove: async () => {
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
      const swept = new Promise((resolve) => {
        if (child.exitCode !== null || child.pid === undefined) resolve(undefined);
        else child.once('close', resolve);
      });
      child.ref();
      child.stdin.end();
      await swept;
    },
  };
}
