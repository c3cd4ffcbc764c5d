import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { createTarDecoder } from 'modern-tar';
import { packTar } from 'modern-tar/fs';
import { AppError } from '../../src-shared/errors.ts';
import { createPrivateFile } from '../syslog/export/hashedFile.ts';

/** A file of an archive, and where its content is now. */
export type PackedFile = { name: string; path: string; bytes: number };

/** Writes a new tar.gz that only this user can read. Throws ALREADY_EXISTS or INVALID_INPUT if it can't be created. */
export async function packArchive(out: string, folder: string, files: readonly PackedFile[]): Promise<void> {
  const mtime = new Date();
  const target = await createPrivateFile(out);
  const sources = files.map(({ name, path, bytes }) => ({
    type: 'stream' as const,
    target: `${folder}/${name}`,
    // A file is opened when it is its turn.
    content: Readable.from(readFileLater(path), { objectMode: false }),
    size: bytes,
    mode: 0o600,
    mtime,
  }));
  try {
    await pipeline(packTar(sources), createGzip(), target);
  } catch (thrown) {
    await rm(out, { force: true });
    throw thrown;
  }
}

async function* readFileLater(path: string): AsyncGenerator<Buffer, void, void> {
  for await (const chunk of createReadStream(path)) yield Buffer.from(chunk);
}

/** Yields the files of a tar.gz in order; each must be read before the next. Throws INVALID_INPUT for any other file. */
export async function* unpackArchive(
  path: string,
): AsyncGenerator<{ name: string; content: AsyncIterable<Uint8Array> }, void, void> {
  const { readable, writable } = createTarDecoder({ strict: true });
  const reading = pipeline(createReadStream(path), createGunzip(), Writable.fromWeb(writable));
  // The reader of the entries gets the error.
  reading.catch(() => undefined);
  try {
    for await (const { header, body } of readable) {
      if ((header.type ?? 'file') === 'file') yield { name: header.name, content: body };
      else await body.cancel();
    }
    await reading;
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw new AppError('INVALID_INPUT', `${path} is no support bundle, or it is damaged.`, { cause: thrown });
  }
}
