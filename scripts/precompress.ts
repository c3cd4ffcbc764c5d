import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

/** Smallest size to compress. For smaller files the headers of the response outweigh the gain. */
const minBytes = 1024;

/** Writes `.br` and `.gz` files beside each built text file, so that the web host never compresses while it serves. */
export function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    async writeBundle({ dir = '' }, bundle) {
      for (const name of Object.keys(bundle)) {
        if (!/\.(?:js|css|svg)$/u.test(name)) continue;
        const file = join(dir, name);
        const text = await readFile(file);
        if (text.length < minBytes) continue;
        await writeFile(
          `${file}.br`,
          await promisify(brotliCompress)(text, {
            params: {
              [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
              [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
            },
          }),
        );
        await writeFile(`${file}.gz`, await promisify(gzip)(text, { level: constants.Z_BEST_COMPRESSION }));
      }
    },
  };
}
