import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A small file system for one appliance's state. It can become full like a real disk. */
export type OwnDisk = {
  /** The root of the file system, as a path of this process. */
  path: string;
  /** Writes until only `freeBytes` are free, by default none. */
  fill: (freeBytes?: number) => Promise<void>;
  free: () => Promise<void>;
  /** A command that runs another command, its further words, where the file system is mounted at `folder`. */
  enter: readonly string[];
  close: () => Promise<void>;
};

const blockBytes = 4096;
const program = `mount -t tmpfs -o size="$2"m,mode=0755 tmpfs "$1" && echo mounted || exit 1
read -r _`;

/** Writes until only `freeBytes` more fit. */
async function fillFile(path: string, freeBytes: number): Promise<void> {
  const file = await open(path, 'a');
  try {
    for (;;) await file.write(Buffer.alloc(blockBytes));
  } catch {
    // The disk is full.
    const { size } = await file.stat();
    await file.truncate(Math.max(0, size - freeBytes));
  } finally {
    await file.close();
  }
}

/**
 * Mounts the file system in a user and a mount namespace of its own, so that no root is needed. Other processes reach it
 * through procfs. Resolves with null if this system does not permit that.
 */
export async function mountOwnDisk(folder: string, megabytes = 4): Promise<OwnDisk | null> {
  await mkdir(folder, { recursive: true });
  const holder = spawn(
    'unshare',
    ['--user', '--map-root-user', '--mount', 'sh', '-c', program, 'sh', folder, `${megabytes}`],
    {
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  const ended = new Promise<void>((resolve) => {
    holder.once('error', () => resolve()).once('close', () => resolve());
  });
  const lines = createInterface({ input: holder.stdout });
  const isMounted = await Promise.race([once(lines, 'line').then(() => true), ended.then(() => false)]);
  if (!isMounted) return null;
  const pid = `${holder.pid ?? 0}`;
  const path = join('/proc', pid, 'root', folder);
  const ballast = join(path, 'ballast');
  return {
    path,
    fill: (freeBytes = 0) => fillFile(ballast, freeBytes),
    free: () => rm(ballast, { force: true }),
    enter: ['nsenter', '-t', pid, '-U', '-m', '--preserve-credentials'],
    close: async () => {
      holder.stdin.end();
      await ended;
    },
  };
}
