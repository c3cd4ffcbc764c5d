import { z } from 'zod';

const entrySchema = z.looseObject({
  name: z.string().optional(),
  version: z.string().optional(),
  integrity: z.string().optional(),
  resolved: z.unknown().optional(),
  link: z.unknown().optional(),
  inBundle: z.unknown().optional(),
  hasInstallScript: z.boolean().optional(),
});
const dependenciesSchema = z.record(z.string(), z.string()).default({});

const lockFileSchema = z.object({ lockfileVersion: z.int(), packages: z.record(z.string(), entrySchema) });

/** What the check needs of package.json. `allowScripts` names each package with install scripts, run or not. */
const manifestSchema = z.object({
  dependencies: dependenciesSchema,
  devDependencies: dependenciesSchema,
  optionalDependencies: dependenciesSchema,
  allowScripts: z.record(z.string(), z.boolean()).default({}),
});

/** One SHA-512 in base64: weaker ones beside it could be used in its place. */
const sha512 = /^sha512-[A-Za-z0-9+/]{86}==$/u;
const exactVersion = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/u;

/** The name of a package from its folder: `node_modules/a/node_modules/@b/c` is `@b/c`. */
export function packageNameOf(folder: string): string {
  return folder.replace(/^.*node_modules\//u, '');
}

function findEntryFaults(
  folder: string,
  entry: z.infer<typeof entrySchema>,
  allowScripts: Readonly<Record<string, boolean>>,
): string[] {
  const faults: string[] = [];
  if (!/^node_modules\/(?:.*\/)?[^/]+$/u.test(folder)) faults.push('is outside node_modules');
  if (entry.name !== undefined && entry.name !== packageNameOf(folder))
    faults.push(`is another package under this name: ${entry.name}`);
  if (entry.link !== undefined) faults.push('is a link to a folder');
  if (entry.inBundle !== undefined) faults.push('comes inside another package, without a hash of its own');
  if (entry.resolved !== undefined) faults.push('names where it is downloaded from');
  if (entry.version === undefined || !exactVersion.test(entry.version))
    faults.push('has no exact version, so it may come from git or from a file');
  if (entry.integrity === undefined) faults.push('has no integrity hash');
  else if (!sha512.test(entry.integrity)) faults.push('has an integrity hash that is not one SHA-512');
  if (entry.hasInstallScript === true && !Object.hasOwn(allowScripts, packageNameOf(folder)))
    faults.push('has an install script that allowScripts of package.json does not name');
  return faults.map((fault) => `${folder} ${fault}`);
}

/**
 * The faults of a lock file, each a sentence that starts with the package. The registry's signatures need a network; the
 * hashes do not, and `npm ci` checks each package against them.
 */
export function findLockFaults(lockFile: unknown, manifest: unknown): string[] {
  const lock = lockFileSchema.safeParse(lockFile);
  if (!lock.success) return ['package-lock.json is not a lock file of npm'];
  const { allowScripts, ...kinds } = manifestSchema.parse(manifest);
  const wanted = { ...kinds.optionalDependencies, ...kinds.devDependencies, ...kinds.dependencies };
  return [
    ...(lock.data.lockfileVersion === 3 ? [] : ['package-lock.json does not have the format version 3']),
    ...Object.entries(wanted).flatMap(([name, version]) => {
      const locked = lock.data.packages[`node_modules/${name}`]?.version;
      if (!exactVersion.test(version)) return [`package.json: ${name} is not pinned to an exact version`];
      return locked === version ? [] : [`package.json: ${name} ${version} is not the locked version`];
    }),
    ...Object.entries(lock.data.packages).flatMap(([folder, entry]) =>
      folder === '' ? [] : findEntryFaults(folder, entry, allowScripts),
    ),
  ];
}
