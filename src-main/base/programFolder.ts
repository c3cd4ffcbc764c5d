import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of this program's package.json: above its sources as well as above its built files. */
export function programFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
