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

export type BoundedFile = { content: Buffer; mode: number; owner: Owner };

/**
 * Reads a regular file of at most `maxBytes` synchronously, and no further than its size. Does not wait for the writer
 * of a pipe. Throws the file system's error. Pass `isLinkFollowed: false` for a path that another user could replace by
 * a link.
 */
export function readBounded(
  path: string,
  options: { maxBytes: number; isLinkFollowed?: boolean },
): BoundedFile | 'not-a-file' | 'too-large' {
  const { maxBytes, isLinkFollowed = true } = options;
  // Windows has neither flag.
  const flags = (constants.O_NONBLOCK ?? 0) | (isLinkFollowed ? 0 : (constants.O_NOFOLLOW ?? 0));
  return readOpenBounded(openSync(path, constants.O_RDONLY | flags), maxBytes);
}

/** The same for an open file, which it closes. */
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
    return { content: content.subarray(0, length), mode, owner: { uid, gid } };
  } finally {
    closeSync(descriptor);
  }
}

/** Reads a stream to its end; null if it is longer than `maxBytes`. */
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

/** Set the owner before the mode, because a change of owner clears special bits. Windows reports 0 for all owners. */
function giveTo(descriptor: number, owner: Owner): void {
  const { uid, gid } = fstatSync(descriptor);
  if (uid === owner.uid && gid === owner.gid) return;
  try {
    fchownSync(descriptor, owner.uid, owner.gid);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', "its owner and group can't be kept", { cause });
  }
}

function syncFolder(path: string): void {
  // Windows can't open a folder.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/**
 * Replaces a whole file: writes a new file beside it and renames it, so that a reader, or a `kill -9` at any time, sees
 * either the old or the new content. A link is replaced, not followed. With `isDurable`, file and folder are synced;
 * write-file-atomic syncs only the file. Without an `owner`, the group comes from the folder (setgid). Throws the file
 * system's error; INVALID_INPUT if the owner can't be kept.
 */
export function replaceFile(file: {
  path: string;
  data: string;
  /** Applied exactly, regardless of the umask. */
  mode: number;
  owner?: Owner;
  isDurable?: boolean;
}): void {
  const beside = `${file.path}.${randomUUID()}.new`;
  const descriptor = openSync(beside, 'wx', 0o600);
  try {
    try {
      if (file.owner !== undefined) giveTo(descriptor, file.owner);
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
