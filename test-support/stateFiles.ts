import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The content of every file of an appliance's state, except for the clock, which any command may write. */
export async function stateFiles(stateFolder: string): Promise<Record<string, string>> {
  const entries = await readdir(stateFolder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && entry.name !== 'clock.json')
    .map(({ parentPath, name }) => join(parentPath, name));
  const contents = names.map(async (name) => [name, await readFile(name, 'utf8')]);
  return Object.fromEntries(await Promise.all(contents));
}
