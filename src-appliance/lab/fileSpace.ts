import { mkdir } from 'node:fs/promises';
import { join, posix } from 'node:path';

/**
 * The two folders in which the administrator of an embedded appliance may put files: a home and /tmp. They are inside
 * the lab's folder, and their names can't reach anything else on the machine.
 */
export type FileSpace = {
  /** The appliance's name for it. */
  home: string;
  /** The absolute path on the appliance; `path` may be relative to the home. */
  resolve: (path: string) => string;
  /** The real path of a file directly in one of the folders, or of a folder itself; null for any other path. */
  locate: (path: string) => string | null;
  /** A real path that never exists. */
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
