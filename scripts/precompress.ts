import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

/** Smallest size to compress. For smaller files the headers of the response outweigh the gain. */
const minBytes = 1024;

async function compressFile(file: string): Promise<void> {
  const text = await readFile(file);
  if (text.length < minBytes) return;
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(text, {
      params: {
        [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
        [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
      },
    }),
    promisify(gzip)(text, { level: constants.Z_BEST_COMPRESSION }),
  ]);
  await writeFile(`${file}.br`, br);
  await writeFile(`${file}.gz`, gz);
}

/** Writes `.br` and `.gz` files beside each built text file, so that the web host never compresses while it serves. */
export function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    async writeBundle({ dir = '' }, bundle) {
      const names = Object.keys(bundle).filter((name) => /\.(?:js|css|svg)$/u.test(name));
      // At once, because zlib compresses on threads of its own: on two cores that halves the time.
      await Promise.all(names.map((name) => compressFile(join(dir, name))));
    },
  };
}
