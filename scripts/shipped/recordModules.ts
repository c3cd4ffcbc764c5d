import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Plugin } from 'vite';

/** The folder of the package that a module belongs to, e.g. `node_modules/a/node_modules/@b/c`. Null for our own. */
export function packageFolderOf(id: string): string | null {
  // The bundler and the build tool add small modules of their own.
  const added = /^\0(vite|rolldown)\//u.exec(id)?.[1];
  if (added !== undefined) return `node_modules/${added}`;
  const path = id.replaceAll('\\', '/').replace(/^\0/u, '').replace(/\?.*$/u, '');
  return /(?:^|\/)((?:node_modules\/(?:@[^/]+\/)?[^/]+\/)+)/u.exec(path)?.[1]?.replace(/\/$/u, '') ?? null;
}

type BundledFile =
  { type: 'chunk'; moduleIds: readonly string[] } | { type: 'asset'; originalFileNames: readonly string[] };

/** The packages of which each built file contains modules. Files without any are left out. */
export function listPackages(bundle: Readonly<Record<string, BundledFile>>): Record<string, string[]> {
  const entries = Object.entries(bundle).map(([name, file]) => {
    const ids = file.type === 'chunk' ? file.moduleIds : file.originalFileNames;
    return [name, [...new Set(ids.flatMap((id) => packageFolderOf(id) ?? []))].sort()] as const;
  });
  return Object.fromEntries(
    entries.filter(([, folders]) => folders.length > 0).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/**
 * Writes what a build put into its files as `NAME.json`: the truth for the bill of materials, because most of
 * `node_modules` never reaches a bundle. `folder` is by default `modules` beside the built folder.
 */
export function recordModules(options: { folder?: string } = {}): Plugin {
  return {
    name: 'record-modules',
    generateBundle: {
      order: 'post',
      handler({ dir = '' }, bundle) {
        const { folder = join(dirname(dir), 'modules') } = options;
        const name = options.folder === undefined ? basename(dir) : this.environment.name;
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(listPackages(bundle), null, 1)}\n`);
      },
    },
  };
}
