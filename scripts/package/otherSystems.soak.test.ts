import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import packageFile from '../../package.json' with { type: 'json' };
import { extractApp, listSizes, outputOf } from '../../test-support/electron/openedPackage.ts';
import { readFuses, writeStandInDist } from '../../test-support/electron/standInDist.ts';
import type { PackageTarget } from './appFolder.ts';
import { packDesktop, unpackedFolder } from './packDesktop.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-dist-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function pack(target: PackageTarget, kinds: string[]) {
  const electronDist = join(folder, 'runtime');
  writeStandInDist(electronDist, target, packageFile.devDependencies.electron);
  const files = await packDesktop({ target, kinds, outputFolder: folder, electronDist, isUnsigned: true });
  const unpacked = unpackedFolder(folder, target);
  const app = listSizes(extractApp(unpacked, join(folder, 'extracted'))).map(({ path }) => path);
  return { files, unpacked, natives: app.filter((path) => /\.(?:node|exe)$/u.test(path)).sort() };
}

test('when the desktop is packed for Linux on arm64, it has the native module and packages of arm64', async () => {
  const { files, natives, unpacked } = await pack({ platform: 'linux', arch: 'arm64' }, [
    'dir',
    'deb',
    'rpm',
  ]);
  expect(natives).toEqual(['node_modules/better-sqlite3/prebuilds/linux-arm64.node']);
  expect(readFuses(join(unpacked, 'sallyport-desktop'))).toBe('01001100');
  const [deb = '', rpm = ''] = ['.deb', '.rpm'].map((ending) => files.find((file) => file.endsWith(ending)));
  expect(outputOf('dpkg-deb', '--field', deb, 'Architecture').trim()).toBe('arm64');
  expect(outputOf('rpm', '-qp', '--qf', '%{ARCH}', rpm)).toBe('aarch64');
});

test.each(['x64', 'arm64'] as const)(
  'when the desktop is packed for Windows on %s, its fuses are set',
  async (arch) => {
    const { natives, unpacked } = await pack({ platform: 'win32', arch }, ['dir']);
    expect(natives).toEqual([
      `node_modules/better-sqlite3/prebuilds/win32-${arch}.node`,
      'out/desktop/pagent.exe',
    ]);
    const program = join(unpacked, 'Sallyport.exe');
    expect(readFuses(program)).toBe('01001100');
    // The hash of the archive's header is in the program's resources, where Electron compares it.
    expect(readFileSync(program).includes(Buffer.from('"file":"resources\\\\app.asar"'))).toBe(true);
  },
);
