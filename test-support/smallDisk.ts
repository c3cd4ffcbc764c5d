import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { mountOwnDisk } from '../src-appliance/lab/ownDisk.ts';
import { forkEngine } from '../src-main/syslog/store/process/forkEngine.ts';

/** A small file system with the data folder of a console. Null if this computer gives users no disk of their own. */
export async function createSmallDisk(megabytes: number) {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-disk-'));
  const mountPoint = join(folder, 'disk');
  const disk = await mountOwnDisk(mountPoint, megabytes);
  if (disk === null) {
    await rm(folder, { recursive: true });
    return null;
  }
  const data = join(mountPoint, 'data');
  return {
    ...disk,
    data,
    startEngine: () => forkEngine(data, disk.enter),
    remount: (mode: 'ro' | 'rw'): void => {
      const [program = '', ...words] = disk.enter;
      const { status } = spawnSync(program, [...words, 'mount', '-o', `remount,${mode}`, mountPoint]);
      if (status !== 0) throw new Error(`the disk can't be remounted ${mode}`);
    },
    /** What SQLite finds wrong in the closed log store: 'ok' if nothing. */
    checkStore: async (): Promise<unknown> => {
      const copy = join(folder, 'copy');
      await cp(join(disk.path, 'data'), copy, { recursive: true });
      const sqlite = new Database(join(copy, 'logs.sqlite'));
      try {
        return sqlite.pragma('integrity_check', { simple: true });
      } finally {
        sqlite.close();
        await rm(copy, { recursive: true });
      }
    },
    close: async (): Promise<void> => {
      await disk.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type SmallDisk = NonNullable<Awaited<ReturnType<typeof createSmallDisk>>>;
