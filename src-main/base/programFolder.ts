import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder that contains this program's package.json, for source files as well as for built files. */
export function programFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
