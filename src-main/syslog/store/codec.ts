import * as zlib from 'node:zlib';
import { AppError } from '../../../src-shared/errors.ts';

/** How the bytes of a block are compressed. The number stands beside them in the database. */
export const codecs = { raw: 0, zstd: 1, deflate: 2 } as const;
export type Codec = (typeof codecs)[keyof typeof codecs];

/** Node 22.15 and later have zstd. */
const hasZstd = typeof zlib.zstdCompressSync === 'function';
const zstdOptions = hasZstd ? { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } } : {};

const minChunkBytes = 1024;

export type Packed = { codec: Codec; bytes: Buffer };

/** The best codec that this Node has. */
export const bestCodec: Codec = hasZstd ? codecs.zstd : codecs.deflate;

export function pack(bytes: Buffer, codec: Codec = bestCodec): Packed {
  const packed =
    codec === codecs.zstd
      ? zlib.zstdCompressSync(bytes, zstdOptions)
      : codec === codecs.deflate
        ? zlib.deflateRawSync(bytes, { level: 1 })
        : bytes;
  return packed.length < bytes.length ? { codec, bytes: packed } : { codec: codecs.raw, bytes };
}

/** Throws STORE_FAILED if the bytes are damaged, are more than `maxBytes`, or need a newer Node. */
export function unpack({
  codec,
  bytes,
  maxBytes,
  expectedBytes,
}: {
  codec: number;
  bytes: Buffer;
  maxBytes: number;
  expectedBytes: number;
}): Buffer {
  try {
    if (codec === codecs.raw) return bytes;
    // One chunk for all: joining many would take as long as decompressing them.
    const options = { maxOutputLength: maxBytes, chunkSize: Math.max(minChunkBytes, expectedBytes + 1) };
    if (codec === codecs.deflate) return zlib.inflateRawSync(bytes, options);
    if (codec === codecs.zstd && hasZstd) return zlib.zstdDecompressSync(bytes, options);
  } catch (cause) {
    throw new AppError('STORE_FAILED', 'A block of kept log lines is damaged.', { cause });
  }
  throw new AppError(
    'STORE_FAILED',
    `Kept log lines are compressed in a way that Node ${process.versions.node} can’t read. Use the Node that Sallyport brings.`,
    { detail: { codec } },
  );
}
