import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import packageFile from '../../package.json' with { type: 'json' };
import { findPackageFolders, readLocked } from '../shipped/locked.ts';

/**
 * Writes the program as an npm package into `folder`, and those that it needs, so that npm needs no registry. Returns their
 * paths. Needs the build in `out`.
 */
export function packForNpm(folder: string): string[] {
  const sources = [
    '.',
    ...findPackageFolders(readLocked('.'), Object.keys(packageFile.dependencies)).map((path) => `./${path}`),
  ];
  const quiet = ['--ignore-scripts', '--silent', '--pack-destination', folder];
  execFileSync('npm', ['pack', ...quiet, ...sources], { stdio: ['ignore', 'ignore', 'inherit'] });
  return readdirSync(folder).map((name) => join(folder, name));
}
