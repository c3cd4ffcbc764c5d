import { createHash } from 'node:crypto';
import packageFile from '../../package.json' with { type: 'json' };
import type { InstalledPackage } from './licences.ts';
import type { LockedPackages } from './locked.ts';

/** A shipped package, and the folders or files of the product that contain it. */
export type ShippedPackage = InstalledPackage & { places: readonly string[]; isOptional?: boolean };

/** A shipped part that is no npm package. */
export type NativePart = {
  type: 'application' | 'file' | 'library';
  name: string;
  version?: string;
  purl?: string;
  licence?: string;
  sha256?: string;
  /** The npm package that contains it. Null if it is a part of the product. */
  inside: string | null;
};

/** The address of a package in the form of package-url; the scope's `@` is escaped. */
export function purlOf({ name, version }: { name: string; version: string }): string {
  return `pkg:npm/${name.replace(/^@/u, '%40')}@${version}`;
}

function licencesOf(licence: string) {
  return /\s/u.test(licence) ? [{ expression: licence }] : [{ license: { id: licence } }];
}

/** The lock file's hash is that of the package's archive, in base64; CycloneDX wants hex digits. */
function hashesOf(integrity: string) {
  return [
    { alg: 'SHA-512', content: Buffer.from(integrity.replace(/^sha512-/u, ''), 'base64').toString('hex') },
  ];
}

function nativeComponent({ licence, name, purl, sha256, type, version }: NativePart) {
  return {
    type,
    name,
    ...(version === undefined ? {} : { version }),
    ...(sha256 === undefined ? {} : { hashes: [{ alg: 'SHA-256', content: sha256 }] }),
    ...(licence === undefined ? {} : { licenses: [{ license: { name: licence } }] }),
    ...(purl === undefined ? {} : { purl }),
  };
}

function packageComponent(shipped: ShippedPackage, locked: LockedPackages, natives: readonly NativePart[]) {
  const { folder, isOptional, licence, name, places, version } = shipped;
  const entry = locked[folder];
  if (entry?.integrity === undefined || entry.version !== version)
    throw new Error(`${folder} ${version} is not the locked version. Run npm ci.`);
  const [, group, plainName = name] = /^(@[^/]+)\/(.+)$/u.exec(name) ?? [];
  const inside = natives.filter((native) => native.inside === name).map(nativeComponent);
  return {
    type: 'library',
    'bom-ref': `${purlOf(shipped)}#${folder}`,
    ...(group === undefined ? {} : { group }),
    name: plainName,
    version,
    scope: isOptional === true ? 'optional' : 'required',
    hashes: hashesOf(entry.integrity),
    licenses: licencesOf(licence),
    purl: purlOf(shipped),
    ...(inside.length === 0 ? {} : { components: inside }),
    properties: places.map((place) => ({ name: 'sallyport:place', value: place })),
  };
}

/** Which shipped package needs which: by the lock file, as far as both are shipped. */
function listDependencies(shipped: readonly ShippedPackage[], locked: LockedPackages, root: string) {
  const refs = new Map(shipped.map((one) => [one.folder, `${purlOf(one)}#${one.folder}`]));
  const resolve = (folder: string, name: string): string | undefined => {
    for (let at = folder; ; at = at.replace(/\/?node_modules\/(?:@[^/]+\/)?[^/]+$/u, '')) {
      const ref = refs.get(at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`);
      if (ref !== undefined || at === '') return ref;
    }
  };
  const own = { ...packageFile.dependencies, ...packageFile.devDependencies };
  const edges = (folder: string, names: readonly string[]) =>
    [...new Set(names.flatMap((name) => resolve(folder, name) ?? []))].sort();
  return [
    { ref: root, dependsOn: edges('', Object.keys(own)) },
    ...shipped.map(({ folder }) => {
      const { dependencies = {}, peerDependencies = {} } = locked[folder] ?? {};
      const names = [...Object.keys(dependencies), ...Object.keys(peerDependencies)];
      return { ref: refs.get(folder) ?? folder, dependsOn: edges(folder, names) };
    }),
  ];
}

/** The same content always has the same number, so that two builds give the same file. */
function serialNumber(content: unknown): string {
  const hex = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  const variant = '89ab'[Number.parseInt(hex.slice(16, 17), 16) % 4] ?? '8';
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`];
  return `urn:uuid:${[...parts, `${variant}${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')}`;
}

/** A bill of materials in CycloneDX 1.6. `builtAt` is the time of the commit, so that it is the same for each build of it. */
export function createBill(input: {
  product: string;
  shipped: readonly ShippedPackage[];
  natives: readonly NativePart[];
  locked: LockedPackages;
  builtAt: string | null;
}) {
  const { builtAt, locked, natives, product } = input;
  const shipped = input.shipped.toSorted((a, b) => (a.folder < b.folder ? -1 : 1));
  const ref = `pkg:npm/${product}@${packageFile.version}`;
  const content = {
    metadata: {
      ...(builtAt === null ? {} : { timestamp: new Date(builtAt).toISOString() }),
      lifecycles: [{ phase: 'build' }],
      authors: [{ name: 'The Sallyport authors' }],
      component: {
        type: 'application',
        'bom-ref': ref,
        name: product,
        version: packageFile.version,
        licenses: licencesOf(packageFile.license),
        purl: ref,
      },
    },
    components: [
      ...shipped.map((one) => packageComponent(one, locked, natives)),
      ...natives.filter(({ inside }) => inside === null).map(nativeComponent),
    ],
    dependencies: listDependencies(shipped, locked, ref),
  };
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: serialNumber(content),
    version: 1,
    ...content,
  };
}

export function formatBill(bill: ReturnType<typeof createBill>): string {
  return `${JSON.stringify(bill, null, 1)}\n`;
}
