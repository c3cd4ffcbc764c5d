import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PackageTarget } from '../../scripts/package/appFolder.ts';

/** Marks the place of the fuses in Electron's program; then follow their version, their count and a digit for each. */
const fuseSentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const fuseCount = 8;

/** The fuses as Electron delivers them: `1` on, `0` off. */
const deliveredFuses = '10110001';

const fuseWire = Buffer.concat([
  Buffer.from(fuseSentinel),
  Buffer.from([1, fuseCount]),
  Buffer.from(deliveredFuses),
]);

/** Any program for Windows, because electron-builder writes the archive's hash into its resources. */
const windowsProgram = 'node_modules/electron-winstaller/vendor/Squirrel.exe';

/**
 * Writes a folder with the files of an unpacked Electron runtime. Its program can't run, but has the fuses of a real one, so
 * that packing changes them.
 */
export function writeStandInDist(folder: string, target: PackageTarget, version: string): void {
  const write = (name: string, content: string | Buffer): void => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  };
  const isWindows = target.platform === 'win32';
  const program = join(folder, isWindows ? 'electron.exe' : 'electron');
  const before = isWindows ? readFileSync(windowsProgram) : Buffer.from('\u007fELF stand-in for Electron\n');
  write('version', version);
  write('LICENSE', 'licence of the runtime\n');
  write('LICENSES.chromium.html', '<title>licences of the runtime</title>\n');
  write('icudtl.dat', 'data\n');
  write('resources.pak', 'data\n');
  write('locales/en-US.pak', 'data\n');
  write('locales/de.pak', 'data\n');
  write('resources/default_app.asar', 'the page of a runtime without a program\n');
  write(isWindows ? 'electron.exe' : 'electron', Buffer.concat([before, fuseWire]));
  if (!isWindows) {
    write('chrome-sandbox', 'helper of the sandbox\n');
    chmodSync(program, 0o755);
    chmodSync(join(folder, 'chrome-sandbox'), 0o755);
  }
}

/** The fuses of a packed program, a digit for each. */
export function readFuses(program: string): string {
  const content = readFileSync(program);
  const at = content.indexOf(fuseSentinel) + fuseSentinel.length + 2;
  return content.subarray(at, at + fuseCount).toString('latin1');
}
