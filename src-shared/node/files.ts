import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { AppError } from '../errors.ts';

type Owner = { uid: number; gid: number };

export type BoundedFile = { content: Buffer; mode: number; owner: Owner; changedAt: Date };

/**
 * Reads a regular file of at most `maxBytes` synchronously. Doesn't block on a pipe. Throws the file system's
 * error. Pass `isLinkFollowed: false` for a path that another user could replace by a link.
 */
export function readBounded(
  path: string,
  options: { maxBytes: number; isLinkFollowed?: boolean },
): BoundedFile | 'not-a-file' | 'too-large' {
  const { maxBytes, isLinkFollowed = true } = options;
  // Both flags are undefined on Windows.
  const flags = (constants.O_NONBLOCK ?? 0) | (isLinkFollowed ? 0 : (constants.O_NOFOLLOW ?? 0));
  return readOpenBounded(openSync(path, constants.O_RDONLY | flags), maxBytes);
}

/** Like `readBounded`, for an open file. Closes the file. */
export function readOpenBounded(
  descriptor: number,
  maxBytes: number,
): BoundedFile | 'not-a-file' | 'too-large' {
  try {
    const status = fstatSync(descriptor);
    const { mode, uid, gid, size } = status;
    if (!status.isFile()) return 'not-a-file';
    if (size > maxBytes) return 'too-large';
    const content = Buffer.alloc(size);
    let length = 0;
    for (let count = -1; count !== 0 && length < size; length += count)
      count = readSync(descriptor, content, length, size - length, null);
    return { content: content.subarray(0, length), mode, owner: { uid, gid }, changedAt: status.mtime };
  } finally {
    closeSync(descriptor);
  }
}

/** Reads a stream to its end. Null if it has more than `maxBytes`. */
export async function readStreamBounded(stream: Readable, maxBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > maxBytes) return null;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/**
 * Call it before chmod, because a change of owner clears special mode bits. Windows reports 0 for all owners.
 */
function setOwner(descriptor: number, owner: Owner): void {
  const { uid, gid } = fstatSync(descriptor);
  if (uid === owner.uid && gid === owner.gid) return;
  try {
    fchownSync(descriptor, owner.uid, owner.gid);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'its owner and group can’t be kept', { cause });
  }
}

/** Makes renames and removals in a folder durable. */
export function syncFolder(path: string): void {
  // On Windows, a folder can't be opened.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/**
 * Replaces a file by renaming a new file over it, so that the file always has either the old or the new content,
 * even after `kill -9`. Replaces a link itself, not its target. `isDurable` syncs file and folder;
 * write-file-atomic would sync only the file. Without `owner`, the group comes from the folder (setgid).
 * Throws the file system's error, or INVALID_INPUT if the owner can't be kept.
 */
export function replaceFile(file: {
  path: string;
  data: string;
  /** Set exactly; the umask is ignored. */
  mode: number;
  owner?: Owner;
  isDurable?: boolean;
}): void {
  const beside = `${file.path}.${randomUUID()}.new`;
  const descriptor = openSync(beside, 'wx', 0o600);
  try {
    try {
      if (file.owner !== undefined) setOwner(descriptor, file.owner);
      fchmodSync(descriptor, file.mode & 0o7777);
      writeFileSync(descriptor, file.data);
      if (file.isDurable === true) fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(beside, file.path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
  if (file.isDurable === true) syncFolder(dirname(file.path));
}
