import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const names = z.record(z.string(), z.string()).optional();
const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      integrity: z.string().optional(),
      dependencies: names,
      peerDependencies: names,
    }),
  ),
});
export type LockedPackages = z.infer<typeof lockSchema>['packages'];

export function readLocked(root: string): LockedPackages {
  return lockSchema.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))).packages;
}

/** The folders of the named packages and of all that they depend on, by the lock file, nested ones included. */
export function findPackageFolders(packages: LockedPackages, names: readonly string[]): string[] {
  const resolveFrom = (folder: string, name: string): string => {
    for (let at = folder; ; at = dirname(dirname(at.replace(/\/@[^/]+\/[^/]+$/u, '/x')))) {
      const candidate = at === '.' || at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
      if (packages[candidate] !== undefined) return candidate;
      if (at === '.' || at === '') throw new Error(`${name} is not in the lock file`);
    }
  };
  const found = new Set<string>();
  const waiting: string[] = names.map((name) => resolveFrom('', name));
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (found.has(folder)) continue;
    found.add(folder);
    for (const name of Object.keys(packages[folder]?.dependencies ?? {}))
      waiting.push(resolveFrom(folder, name));
  }
  return [...found].sort();
}
