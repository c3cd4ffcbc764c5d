import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Plugin } from 'vite';

export const pageantHelper = 'pagent.exe';

const inSource = "resolve(__dirname, '..', 'util/pagent.exe')";
/** Windows starts no program inside an archive, so a packed desktop has it beside the archive. */
const inBundle = `resolve(__dirname, '${pageantHelper}').replace('app.asar', 'app.asar.unpacked')`;

/** Puts ssh2's helper for Pageant, the agent of PuTTY on Windows, beside the bundles, and lets ssh2 find it there. */
export function keepPageantHelper(): Plugin {
  const folder = join(createRequire(import.meta.url).resolve('ssh2/package.json'), '..');
  return {
    name: 'keep-pageant-helper',
    transform: {
      filter: { id: /\/ssh2\/lib\/agent\.js$/ },
      handler(code) {
        if (!code.includes(inSource)) throw new Error('ssh2 looks for its helper for Pageant in another way');
        return { code: code.replace(inSource, inBundle), map: null };
      },
    },
    generateBundle() {
      this.emitFile({
        type: 'asset',
        fileName: pageantHelper,
        source: readFileSync(join(folder, 'util', pageantHelper)),
      });
    },
  };
}
