import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { creationError } from '../../../src-shared/node/namedFiles.ts';

/** A written file, as a manifest lists it. */
export type WrittenFile = { name: string; bytes: number; sha256: string };

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
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  try {
    await pipeline(Readable.from(count(), { objectMode: false }), file, {
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (thrown) {
    if (file.bytesWritten === 0 && file.pending) throw creationError(path, thrown);
    throw thrown;
  }
  return { name: basename(path), bytes, sha256: hash.digest('hex') };
}

/** A list of checksums that `sha256sum --check` reads. */
export function formatChecksums(files: readonly Pick<WrittenFile, 'name' | 'sha256'>[]): string {
  return files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join('');
}
