import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import packageFile from '../../package.json' with { type: 'json' };
import { pageantHelper } from '../pageantHelper.ts';
import { findPackageFolders, readLocked } from '../shipped/locked.ts';
import { writeDesktopShipped } from '../shipped/writeShipped.ts';

/** What a package is built for, with Node's names. */
export type PackageTarget = {
  platform: 'linux' | 'win32' | 'darwin';
  arch: 'x64' | 'arm64';
};

/** The programs that the desktop runs; the rest of their folder are files that they import. */
const programs = ['desktop.js', 'answerWorker.js', 'engineProcess.js', 'scanWorker.js'];

/** Packages outside the bundles, because they have native parts or files for threads. */
const outsidePackages = packageFile.dependencies;

/** The built files that programs need, themselves included. */
export function findBuiltFiles(folder: string, names: readonly string[] = programs): string[] {
  const found = new Set<string>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    // A comment of a library may name a file of its own.
    if (found.has(name) || !existsSync(join(folder, name))) continue;
    found.add(name);
    const text = readFileSync(join(folder, name), 'utf8');
    for (const [, imported = ''] of text.matchAll(/(?:from|import)\s*\(?\s*["'`]\.\/([\w.-]+\.js)["'`]/gu))
      waiting.push(imported);
  }
  return [...found].sort();
}

const developmentFolders: ReadonlySet<string> = new Set([
  'benchmark',
  'benchmarks',
  'docs',
  'example',
  'examples',
  'src',
  'test',
  'tests',
  'tools',
  'deps',
  'node_modules',
]);
const developmentFiles: ReadonlySet<string> = new Set(
  ['c', 'cc', 'cts', 'gyp', 'gypi', 'h', 'html', 'ico', 'map', 'md', 'mts', 'sh', 'ts', 'yml'].map(
    (one) => `.${one}`,
  ),
);

/** Whether a file of a package is needed when the program runs on `target`. */
function isNeeded(path: string, { arch, platform }: PackageTarget): boolean {
  const name = basename(path);
  if (extname(path) === '.node') return name === `${platform}-${arch}.node`;
  if (/^(?:license|licence|notice)/iu.test(name)) return true;
  // A command of the package's own.
  if (name === 'bin.js') return false;
  return !developmentFiles.has(extname(path)) && !name.startsWith('.');
}

function copyPackage(from: string, to: string, target: PackageTarget): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const path = join(from, entry.name);
    if (entry.isDirectory()) {
      if (!developmentFolders.has(entry.name) && !entry.name.startsWith('.'))
        copyPackage(path, join(to, entry.name), target);
    } else if (isNeeded(path, target)) {
      mkdirSync(to, { recursive: true });
      cpSync(path, join(to, entry.name));
    }
  }
}

/** Copies the packages outside the bundles into `folder`/node_modules, with the native parts of one platform. */
export function copyOutsidePackages(folder: string, target: PackageTarget): void {
  for (const path of findPackageFolders(readLocked('.'), Object.keys(outsidePackages)))
    if (existsSync(path)) copyPackage(path, join(folder, path), target);
}

/**
 * Fills `folder` with exactly what the packaged program consists of: built files, the page, and the packages outside the
 * bundles. Needs the build in `out`.
 */
export function fillAppFolder(folder: string, target: PackageTarget): void {
  rmSync(folder, { recursive: true, force: true });
  const built = join(folder, 'out');
  const builtFiles = findBuiltFiles('out/desktop');
  for (const name of builtFiles) cpSync(join('out/desktop', name), join(built, 'desktop', name));
  if (target.platform === 'win32')
    cpSync(join('out/desktop', pageantHelper), join(built, 'desktop', pageantHelper));
  cpSync('out/preload', join(built, 'preload'), { recursive: true });
  cpSync('out/renderer', join(built, 'renderer'), {
    recursive: true,
    // The compressed copies are for the web host.
    filter: (path) => !/\.(?:br|gz|map)$/u.test(path),
  });
  copyOutsidePackages(folder, target);
  cpSync('out/build.json', join(built, 'build.json'));
  writeDesktopShipped(built, { builtFiles, ...target });
  cpSync('LICENSE', join(folder, 'LICENSE'));
  const { name, version, description, license, type, main } = packageFile;
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify(
      {
        name,
        productName: 'Sallyport',
        version,
        description,
        license,
        type,
        main,
        // Electron takes the window's name on Linux from it, so that the desktop finds the entry of a window.
        desktopName: 'sallyport.desktop',
        dependencies: outsidePackages,
      },
      null,
      2,
    )}\n`,
  );
}
