import { mkdir } from 'node:fs/promises';
import { join, posix } from 'node:path';

/**
 * The two folders of an embedded appliance that its administrator may put files into: a home and /tmp. They lie inside
 * the lab's own folder, and nothing of the machine underneath can be reached by their names.
 */
export type FileSpace = {
  /** As the appliance names it. */
  home: string;
  /** The appliance's absolute name of a path, which may be relative to the home. */
  resolve: (path: string) => string;
  /** Where a file directly in one of the folders, or a folder itself, really lies; null for any other path. */
  locate: (path: string) => string | null;
  /** A real path at which there never is anything. */
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
