import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listPackage, statFile } from '@electron/asar';
import { afterAll, beforeAll, expect, test } from 'vitest';
import packageFile from '../../package.json' with { type: 'json' };
import {
  extractApp,
  extractDeb,
  listSizes,
  outputOf,
  readDesktopEntry,
} from '../../test-support/electron/openedPackage.ts';
import { readFuses, writeStandInDist } from '../../test-support/electron/standInDist.ts';
import { packDesktop, unpackedFolder } from './packDesktop.ts';

const target = { platform: 'linux', arch: 'x64' } as const;
const maxBytes = 25 * 1024 ** 2;
const mediaType = 'application/vnd.sallyport.update';

let folder: string;
let files: string[];
let unpacked: string;
let app: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-dist-'));
  const electronDist = join(folder, 'runtime');
  writeStandInDist(electronDist, target, packageFile.devDependencies.electron);
  files = await packDesktop({
    target,
    kinds: ['dir', 'deb', 'rpm'],
    outputFolder: folder,
    electronDist,
    isUnsigned: true,
  });
  unpacked = unpackedFolder(folder, target);
  app = extractApp(unpacked, join(folder, 'extracted'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isLicence = (path: string) => /\/licen[cs]e[^/]*$/iu.test(path);
const fileOf = (ending: string) => files.find((file) => file.endsWith(ending)) ?? '';

test('when the desktop is packed, its files are in the archive, and only the native module lies beside it', () => {
  const archive = join(unpacked, 'resources/app.asar');
  const listed = listPackage(archive, { isPack: false });
  for (const path of [
    '/package.json',
    '/out/desktop/desktop.js',
    '/out/preload/preload.cjs',
    '/out/renderer/index.html',
  ])
    expect(listed).toContain(path);
  const native = 'node_modules/better-sqlite3/prebuilds/linux-x64.node';
  expect(listed.filter((path) => path.endsWith('.node'))).toEqual([`/${native}`]);
  expect(statFile(archive, native)).toMatchObject({ unpacked: true });
  expect(listSizes(join(unpacked, 'resources/app.asar.unpacked')).map(({ path }) => path)).toEqual([native]);
  const loads = `const Database = require(${JSON.stringify(join(unpacked, 'resources/app.asar.unpacked', native))}); process.exit(typeof Database === 'object' ? 0 : 1)`;
  expect(spawnSync(process.execPath, ['-e', loads]).status).toBe(0);
});

test('when the desktop is packed, it contains no sources, no source maps, nothing of the vendor and no test', () => {
  const paths = listSizes(app).map(({ path }) => path);
  expect(paths.length).toBeGreaterThan(100);
  const unwanted =
    /\.(?:tsx?|mts|cts|map|md|gypi?|cc?|h|br|gz|exe)$|(?:^|\/)(?:tests?|docs|benchmarks?|examples?)\/|authority\.js|cli\.js/u;
  expect(paths.filter((path) => unwanted.test(path) && !isLicence(path))).toEqual([]);
  const packages = new Set(
    paths.flatMap((path) => /^node_modules\/(@[^/]+\/[^/]+|[^/]+)/u.exec(path)?.[1] ?? []),
  );
  for (const name of Object.keys(packageFile.devDependencies)) expect(packages).not.toContain(name);
  const texts = paths.filter((path) => path.startsWith('out/') && path.endsWith('.js'));
  for (const path of texts) expect(readFileSync(join(app, path), 'utf8')).not.toContain('sourceMappingURL=');
});

test('when the desktop is packed, everything but the runtime has at most 25 MB', () => {
  const bytes = listSizes(join(unpacked, 'resources')).reduce((sum, file) => sum + file.bytes, 0);
  expect(bytes).toBeGreaterThan(1024 ** 2);
  expect(bytes).toBeLessThan(maxBytes);
});

test('when the desktop is packed, the fuses of its program are set', () => {
  // runAsNode, cookie encryption, NODE_OPTIONS, --inspect, archive integrity, only the archive, snapshot, file: rights
  expect(readFuses(join(folder, 'runtime/electron'))).toBe('10110001');
  expect(readFuses(join(unpacked, 'sallyport-desktop'))).toBe('01001100');
  expect(existsSync(join(unpacked, 'resources/default_app.asar'))).toBe(false);
  expect(existsSync(join(unpacked, 'locales/de.pak'))).toBe(false);
});

test('when the packed files run in plain Node with a stand-in for Electron, they serve the page and the console', () => {
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      'test-support/electron/runBuiltDesktop.ts',
      join(app, 'out'),
      '--data',
      join(folder, 'data'),
    ],
    { encoding: 'utf8', timeout: 300_000 },
  );
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({
    about: { version: packageFile.version, host: 'desktop' },
    exposedToPage: { sallyportHost: 'desktop' },
    hasPolicy: true,
  });
  expect(status).toBe(0);
});

test('when the deb is opened, it has the program, the desktop entry, the MIME type, the protocol handler and icons', () => {
  const opened = extractDeb(fileOf('.deb'), join(folder, 'deb'));
  expect(
    outputOf('dpkg-deb', '--show', '--showformat=${Package} ${Version} ${Architecture}', fileOf('.deb')),
  ).toBe(`sallyport-desktop ${packageFile.version} amd64`);
  const entry = readDesktopEntry(join(opened, 'usr/share/applications/sallyport.desktop'));
  expect(entry).toMatchObject({
    Name: 'Sallyport',
    Exec: '/opt/Sallyport/sallyport-desktop %U',
    Icon: 'sallyport-desktop',
    StartupWMClass: 'sallyport',
    MimeType: `${mediaType};x-scheme-handler/sallyport;`,
  });
  const types = readFileSync(join(opened, 'usr/share/mime/packages/sallyport-desktop.xml'), 'utf8');
  expect(types).toContain(`<mime-type type="${mediaType}">`);
  expect(types).toContain('<glob pattern="*.sallyport-update"/>');
  for (const size of [16, 48, 256, 512]) {
    const icon = join(opened, `usr/share/icons/hicolor/${size}x${size}/apps/sallyport-desktop.png`);
    expect(readFileSync(icon).readUInt32BE(16)).toBe(size);
  }
  expect(readFuses(join(opened, 'opt/Sallyport/sallyport-desktop'))).toBe('01001100');
  expect(statSync(join(opened, 'opt/Sallyport/sallyport-desktop')).mode & 0o777).toBe(0o755);
  expect(spawnSync('md5sum', ['--check', '--quiet', 'DEBIAN/md5sums'], { cwd: opened }).status).toBe(0);
  for (const script of ['postinst', 'postrm'])
    expect(spawnSync('bash', ['-n', join(opened, 'DEBIAN', script)]).status).toBe(0);
});

test('when the rpm is opened, it has the same files as the deb', () => {
  const rpm = fileOf('.rpm');
  expect(outputOf('rpm', '-qp', '--qf', '%{NAME} %{VERSION} %{ARCH}', rpm)).toBe(
    `sallyport-desktop ${packageFile.version} x86_64`,
  );
  const inRpm = outputOf('rpm', '-qpl', '--qf', '', rpm).trim().split('\n');
  const inDeb = outputOf('dpkg-deb', '--contents', fileOf('.deb'))
    .split('\n')
    .filter((line) => line.startsWith('-'))
    .map((line) => line.replace(/^.* \./u, ''));
  expect(inDeb.length).toBeGreaterThan(15);
  expect(inDeb.filter((path) => !inRpm.includes(path))).toEqual([]);
  expect(outputOf('rpm', '-qp', '--scripts', rpm)).toContain('update-desktop-database');
});
