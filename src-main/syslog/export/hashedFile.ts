import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { creationError } from '../../../src-shared/node/namedFiles.ts';

/** A written file, as a manifest lists it. */
export type WrittenFile = { name: string; bytes: number; sha256: string };

/** Opens a new file that only this user can read. Throws ALREADY_EXISTS, or INVALID_INPUT if it can't be created. */
export async function createPrivateFile(path: string): Promise<Writable> {
  try {
    return (await open(path, 'wx', 0o600)).createWriteStream();
  } catch (cause) {
    throw creationError(path, cause);
  }
}

/** Writes a new file that only this user can read. Waits for the disk, so that memory stays bounded. */
export async function writeHashedFile(
  path: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<WrittenFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* count() {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  }
  const file = await createPrivateFile(path);
  const content = Readable.from(count(), { objectMode: false });
  try {
    await pipeline(content, file, signal === undefined ? {} : { signal });
  } catch (thrown) {
    // Otherwise the reason would be lost.
    signal?.throwIfAborted();
    throw thrown;
  }
  return { name: basename(path), bytes, sha256: hash.digest('hex') };
}

/** A list of checksums that `sha256sum --check` reads. */
export function formatChecksums(files: readonly Pick<WrittenFile, 'name' | 'sha256'>[]): string {
  return files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join('');
}
