import { once } from 'node:events';
import { createGunzip } from 'node:zlib';

/** What is unpacked at once. A file of zeros may grow a thousandfold, so that this also bounds the memory. */
const maxPieceBytes = 16 * 1024;

function throwFirst([failure]: readonly Error[]): void {
  if (failure !== undefined) throw failure;
}

/**
 * Unpacks gzip while it arrives, and yields all that can be unpacked before it rejects with the error of zlib. The
 * streams of Node drop what they hold when an error comes, and `compose` may wait for ever.
 */
export async function* gunzipParts(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  const parts: Buffer[] = [];
  const failures: Error[] = [];
  // Without a reader that pauses, each part is here before the error.
  gunzip.on('data', (part: Buffer) => parts.push(part));
  gunzip.on('error', (error) => failures.push(error));
  const closed = once(gunzip, 'close').catch(() => undefined);
  const written = (piece: Buffer) =>
    Promise.race([closed, new Promise<void>((resolve) => gunzip.write(piece, () => resolve()))]);
  try {
    for await (const chunk of chunks)
      for (let at = 0; at < chunk.length; at += maxPieceBytes) {
        await written(chunk.subarray(at, at + maxPieceBytes));
        yield* parts.splice(0);
        throwFirst(failures);
      }
    gunzip.end();
    await closed;
    yield* parts.splice(0);
    throwFirst(failures);
  } finally {
    gunzip.destroy();
  }
}
