import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';

/*
 * Records in the run folder, which is memory and survives no restart of the machine. The service writes most of them as
 * an unprivileged user and root reads them: root follows no link there, waits for no pipe and reads no more than it must.
 */

/** More than an appliance has sessions by far: a folder that was filled must not cost a reader its time. */
const maxRecords = 10_000;

/** Null for what is missing, not a regular file, larger than `maxBytes` or not readable. */
export function readSmallFile(path: string, maxBytes: number): string | null {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const status = fstatSync(file);
    if (!status.isFile() || status.size > maxBytes) return null;
    // No further than its size: it may grow while it is read.
    const content = Buffer.alloc(status.size);
    return content.subarray(0, readSync(file, content, 0, status.size, 0)).toString('utf8');
  } catch {
    return null;
  } finally {
    closeSync(file);
  }
}

/** Null for what can't be read or is not of this shape. */
export function readRecord<T>(path: string, kind: { schema: z.ZodType<T>; maxBytes: number }): T | null {
  const text = readSmallFile(path, kind.maxBytes);
  if (text === null) return null;
  try {
    return kind.schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/**
 * Written beside and renamed: a reader sees the old record or the new one, and a link that lies in its place is replaced,
 * not followed.
 */
export function writeRecord(path: string, value: unknown, mode = 0o640): void {
  const beside = `${path}.${randomUUID()}.new`;
  try {
    writeFileSync(beside, JSON.stringify(value), { mode, flag: 'wx' });
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/** The paths of the records whose names match. Throws when the folder can't be read. */
export function listRecords(folder: string, name: RegExp): string[] {
  return readdirSync(folder)
    .filter((one) => name.test(one))
    .slice(0, maxRecords)
    .map((one) => join(folder, one));
}

export function removeRecord(path: string): void {
  rmSync(path, { force: true });
}
