import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replaces a file as a whole: written beside, synced, renamed, folder synced. A reader, or a `kill -9` at any
 * instant, sees the old content or the new one. Without an `owner` the group comes from the folder (setgid).
 */
export async function writeFileAtomically(file: {
  path: string;
  data: string;
  mode: number;
  owner?: { uid: number; gid: number };
}): Promise<void> {
  const beside = `${file.path}.${randomUUID()}.new`;
  try {
    const handle = await open(beside, 'wx', file.mode);
    try {
      // Before the mode: to be given away takes special bits from a file.
      if (file.owner !== undefined) await handle.chown(file.owner.uid, file.owner.gid);
      await handle.chmod(file.mode);
      await handle.writeFile(file.data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file.path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  const folder = await open(dirname(file.path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
