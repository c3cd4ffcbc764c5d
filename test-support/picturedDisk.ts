import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { forkEngine } from '../src-main/syslog/store/process/forkEngine.ts';

const run = promisify(execFile);

/** An ext4 disk in a file on XFS, which copies a file at once by sharing its blocks. */
const program = `mount -t tmpfs -o size=1g tmpfs "$1" && cd "$1" && mkdir disk restarted pictures &&
truncate -s 600M xfs && mkfs.xfs -q -m reflink=1 xfs && mount -o loop xfs pictures &&
truncate -s 200M pictures/disk && mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 pictures/disk &&
mount -o loop pictures/disk disk && echo mounted || exit 1
read -r _`;

/**
 * A disk of which pictures can be taken: each has what had been written to the disk at that moment, and so what it would
 * have after a power failure. What the system had only in memory is missing. All mounts are in a namespace of their own and
 * end with it. Null if this computer does not permit that, or has no mkfs.xfs and mkfs.ext4.
 */
export async function createPicturedDisk() {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-power-'));
  const holder = spawn('unshare', ['--mount', 'sh', '-c', program, 'sh', folder], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => {
    holder.once('error', () => resolve()).once('close', () => resolve());
  });
  const isMounted = once(createInterface({ input: holder.stdout }), 'line').then(() => true);
  if (!(await Promise.race([isMounted, ended.then(() => false)]))) {
    await rm(folder, { recursive: true, force: true });
    return null;
  }
  const enter = ['nsenter', '-t', `${holder.pid ?? 0}`, '-m'];
  const [nsenter = '', ...words] = enter;
  const inside = (...argv: string[]) => run(nsenter, [...words, ...argv]);
  const at = (...names: string[]) => join(folder, ...names);
  let pictures = 0;

  return {
    /** Starts the log store's process on the disk. */
    startEngine: () => forkEngine(at('disk', 'data'), enter),
    /** Returns the number of the picture. */
    takePicture: async (): Promise<number> => {
      pictures += 1;
      await inside('cp', '--reflink=always', at('pictures', 'disk'), at('pictures', `${pictures}`));
      return pictures;
    },
    /** Mounts a picture as a computer does that starts after a power failure, and gives `work` what starts a log store there. */
    restartFrom: async (
      picture: number,
      work: (startEngine: () => ReturnType<typeof forkEngine>) => Promise<void>,
    ) => {
      const file = at('pictures', `${picture}`);
      await inside('mount', '-o', 'loop', file, at('restarted'));
      try {
        await work(() => forkEngine(at('restarted', 'data'), enter));
      } finally {
        await inside('umount', '--lazy', at('restarted'));
        await inside('rm', file);
      }
    },
    close: async (): Promise<void> => {
      holder.stdin.end();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type PicturedDisk = NonNullable<Awaited<ReturnType<typeof createPicturedDisk>>>;
