import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createBill, purlOf, type NativePart } from './bill.ts';
import { readPackage } from './licences.ts';
import { formatNotices } from './notices.ts';
import { findPackageFolders, readLocked } from './locked.ts';
import { listPackages, packageFolderOf } from './recordModules.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-shipped-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Installs a package in a folder of its own. */
function install(name: string, file: object, texts: Record<string, string> = {}): string {
  const path = join('node_modules', name);
  mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, path, 'package.json'), JSON.stringify({ name, version: '1.2.3', ...file }));
  for (const [file, text] of Object.entries(texts)) writeFileSync(join(folder, path, file), text);
  return path;
}

test('when modules are bundled, the packages of each file are listed, and our own modules are not', () => {
  expect(
    listPackages({
      'b.js': {
        type: 'chunk',
        moduleIds: [
          '/src/node_modules/zod/index.js',
          '/src/node_modules/zod/core.js?commonjs',
          '\0/src/node_modules/ssh2/node_modules/@a/asn1/index.js',
          '\0rolldown/runtime.js',
          '/src/src-main/own.ts',
        ],
      },
      'a.woff2': { type: 'asset', originalFileNames: ['../node_modules/@fontsource/mono/a.woff2'] },
      'own.js': { type: 'chunk', moduleIds: ['/src/src-main/own.ts'] },
    }),
  ).toEqual({
    'a.woff2': ['node_modules/@fontsource/mono'],
    'b.js': ['node_modules/rolldown', 'node_modules/ssh2/node_modules/@a/asn1', 'node_modules/zod'],
  });
  expect(packageFolderOf(String.raw`C:\src\node_modules\@a\b\index.js`)).toBe('node_modules/@a/b');
});

test.each([
  ['no licence', {}, 'plain 1.2.3 has no licence. Read it before'],
  ['an unknown licence', { license: 'GPL-3.0-only' }, 'plain 1.2.3 has the unknown licence "GPL-3.0-only"'],
  [
    'one unknown licence of two',
    { license: '(MIT OR SSPL-1.0)' },
    'has the unknown licence "(MIT OR SSPL-1.0)"',
  ],
  ['no licence file', { license: 'MIT' }, 'plain 1.2.3 has no licence file.'],
])('when a shipped package has %s, reading it fails with its name', (_what, file, message) => {
  expect(() => readPackage(folder, install('plain', file))).toThrow(message);
});

test('when a package has a licence, a notice and another licence in the old form, all are read', () => {
  const path = install(
    'old',
    { licenses: [{ type: 'MIT' }, { type: 'ISC' }] },
    { LICENSE: 'first\r\n', NOTICE: 'then' },
  );
  expect(readPackage(folder, path)).toEqual({
    folder: path,
    name: 'old',
    version: '1.2.3',
    licence: 'MIT OR ISC',
    texts: ['first', 'then'],
  });
});

test('when a package without a licence file has its text elsewhere, that text is taken for that licence only', () => {
  install('tweetnacl', { license: 'Unlicense' }, { LICENSE: 'free' });
  expect(readPackage(folder, install('postgres', { license: 'Unlicense' })).texts).toEqual(['free']);
  const path = install('postgres', { license: 'MIT' });
  expect(() => readPackage(folder, path)).toThrow('postgres 1.2.3 has no licence file');
});

test('when packages share a text, the notices have it once, below both', () => {
  const one = { folder: '', name: 'one', version: '1.0.0', licence: 'MIT', texts: ['same'] };
  const text = formatNotices(
    [one, { ...one, name: 'another' }, { ...one, name: 'third', texts: ['other'] }],
    [{ name: 'Runtime', version: '2', text: 'its text' }],
  );
  expect(text.match(/same/gu)).toHaveLength(1);
  expect(text).toContain('another 1.0.0 (MIT)\none 1.0.0 (MIT)\n\nsame');
  expect(text).toContain('third 1.0.0 (MIT)\n\nother');
  expect(text).toContain('Runtime 2\n\nits text');
});

const locked = readLocked('.');
const native: NativePart = {
  type: 'library',
  name: 'sqlite',
  version: '3.1.0',
  purl: 'pkg:generic/sqlite@3.1.0',
  licence: 'Public domain',
  inside: 'better-sqlite3',
};
const shipped = () =>
  findPackageFolders(locked, ['better-sqlite3', 'pino', '@fontsource/jetbrains-mono', 'ssh2']).map(
    (path) => ({
      ...readPackage('.', path),
      places: ['out/desktop'],
    }),
  );
const createExample = (builtAt: string | null = '2026-11-30T08:00:00+01:00') =>
  createBill({
    product: 'sallyport',
    shipped: shipped(),
    natives: [native, { type: 'file', name: 'client', sha256: 'ab'.repeat(32), inside: null }],
    locked,
    builtAt,
  });

/** The faults by the rules of CycloneDX, with its own schema. */
const findFaults = (bill: unknown) =>
  new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(JSON.stringify(bill));

test('when a bill is made, it keeps the rules of CycloneDX 1.6', async () => {
  const bill = createExample();
  expect(await findFaults(bill)).toBeNull();
  expect(await findFaults({ ...bill, components: [{ type: 'package', name: 'a' }] })).not.toBeNull();
  expect(await findFaults({ ...bill, serialNumber: 'urn:uuid:1' })).not.toBeNull();
});

test('when a bill is made, each package has version, purl, licence and the hash of the lock file', () => {
  const { components, dependencies, metadata } = createExample();
  const scoped = components.find(({ name }) => name === 'jetbrains-mono');
  const { integrity = '', version = '' } = locked['node_modules/@fontsource/jetbrains-mono'] ?? {};
  expect(scoped).toEqual({
    type: 'library',
    'bom-ref': `pkg:npm/%40fontsource/jetbrains-mono@${version}#node_modules/@fontsource/jetbrains-mono`,
    group: '@fontsource',
    name: 'jetbrains-mono',
    version,
    scope: 'required',
    hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.slice(7), 'base64').toString('hex') }],
    licenses: [{ license: { id: 'OFL-1.1' } }],
    purl: `pkg:npm/%40fontsource/jetbrains-mono@${version}`,
    properties: [{ name: 'sallyport:place', value: 'out/desktop' }],
  });
  expect(components.find(({ name }) => name === 'better-sqlite3')).toMatchObject({
    components: [{ name: 'sqlite', version: '3.1.0' }],
  });
  expect(components.at(-1)).toMatchObject({ type: 'file', name: 'client' });
  expect(metadata.timestamp).toBe('2026-11-30T07:00:00.000Z');
  const ssh2 = dependencies.find(({ ref }) => ref.startsWith('pkg:npm/ssh2@'));
  expect(ssh2?.dependsOn.map((ref) => ref.replace(/@.*$/u, ''))).toContain('pkg:npm/asn1');
});

test('when the same bill is made again, it is the same, and another one has another number', () => {
  expect(createExample()).toEqual(createExample());
  expect(createExample(null).serialNumber).not.toBe(createExample().serialNumber);
});

test('when a package is not the locked one, no bill is made', () => {
  const [first] = shipped();
  if (first === undefined) throw new Error('nothing is shipped');
  const other = { ...first, version: '0.0.1' };
  expect(() =>
    createBill({ product: 'sallyport', shipped: [other], natives: [], locked, builtAt: null }),
  ).toThrow(`${first.folder} 0.0.1 is not the locked version`);
  expect(purlOf({ name: '@a/b', version: '1.0.0' })).toBe('pkg:npm/%40a/b@1.0.0');
});
