import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import packageFile from '../package.json' with { type: 'json' };
import { createCommandTree } from '../src-main/hosts/cli/commandTree.ts';
import { createOutput } from '../src-main/hosts/cli/output.ts';
import { renderManPages } from './manPages.ts';

/* Writes out/man/sallyport.1 and a page for each command, from the definition that `--help` prints. */

const folder = join(import.meta.dirname, '../out/man');
const program = await createCommandTree({
  globals: () => ({ output: createOutput({ json: false }) }),
  finish: () => Promise.resolve(),
});
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
for (const [name, text] of renderManPages(program, packageFile.version))
  await writeFile(join(folder, name), text);
