import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { readBounded, replaceFile } from '../../../src-shared/node/files.ts';

/*
 * Records in the run folder, which is memory and survives no restart of the machine. The service writes most of them as
 * an unprivileged user and root reads them: root follows no link there, waits for no pipe and reads no more than it must.
 */

/** More than an appliance has sessions by far: a folder that was filled must not cost a reader its time. */
const maxRecords = 10_000;

/** Null for what is missing, not a regular file, larger than `maxBytes` or not readable. */
export function readSmallFile(path: string, maxBytes: number): string | null {
  try {
    const file = readBounded(path, { maxBytes, isLinkFollowed: false });
    return typeof file === 'string' ? null : file.content.toString('utf8');
  } catch {
    return null;
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

export function writeRecord(path: string, value: unknown, mode = 0o640): void {
  replaceFile({ path, data: JSON.stringify(value), mode });
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
