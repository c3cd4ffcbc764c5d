import { mkdir } from 'node:fs/promises';
import { join, posix } from 'node:path';

/**
 * The two folders in which an embedded appliance's administrator may store files: home and /tmp. They are in
 * the lab's folder. No path in them can reach other files of the machine.
 */
export type FileSpace = {
  /** The home folder's path on the appliance. */
  home: string;
  /** Returns the absolute path on the appliance. `path` may be relative to the home folder. */
  resolve: (path: string) => string;
  /** Returns the real path of one of the folders, or of a file directly in it. Null for any other path. */
  locate: (path: string) => string | null;
  /** A real path at which there is never a file. */
  noSuchFile: string;
};

export async function createFileSpace(options: { folder: string; user: string }): Promise<FileSpace> {
  const home = `/home/${options.user}`;
  const folders = new Map([
    [home, join(options.folder, 'home')],
    ['/tmp', join(options.folder, 'tmp')],
  ]);
  for (const folder of folders.values()) await mkdir(folder, { recursive: true, mode: 0o700 });
  const resolve = (path: string): string => posix.resolve(home, path);
  return {
    home,
    resolve,
    noSuchFile: join(options.folder, 'nothing'),
    locate: (path) => {
      if (path.includes('\0')) return null;
      const full = resolve(path);
      const own = folders.get(full);
      if (own !== undefined) return own;
      const folder = folders.get(posix.dirname(full));
      return folder === undefined ? null : join(folder, posix.basename(full));
    },
  };
}
