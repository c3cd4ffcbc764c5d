import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { readBounded, replaceFile } from '../../../src-shared/node/files.ts';

/*
 * Records in the run folder, which is in memory and doesn't survive a restart. The service writes most of
 * them as an unprivileged user, and root reads them. So root must not follow links there, must not wait for
 * pipes, and must limit how much it reads.
 */

/**
 * Maximum number of records that are read. An appliance has far fewer sessions, and a flooded folder must not
 * slow down the reader.
 */
const maxRecords = 10_000;

/** Null for a file that is missing, not regular, larger than `maxBytes` or not readable. */
export function readSmallFile(path: string, maxBytes: number): string | null {
  try {
    const file = readBounded(path, { maxBytes, isLinkFollowed: false });
    return typeof file === 'string' ? null : file.content.toString('utf8');
  } catch {
    return null;
  }
}

/** Null if the file can't be read or doesn't match the schema. */
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

/** Paths of the records whose names match. Throws if the folder can't be read. */
export function listRecords(folder: string, name: RegExp): string[] {
  return readdirSync(folder)
    .filter((one) => name.test(one))
    .slice(0, maxRecords)
    .map((one) => join(folder, one));
}

export function removeRecord(path: string): void {
  rmSync(path, { force: true });
}
