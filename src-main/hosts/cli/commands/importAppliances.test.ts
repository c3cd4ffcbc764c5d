import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { Output } from '../output.ts';
import { importAppliances } from './importAppliances.ts';

let folder: string;
let printed: object[];
const output: Output = {
  print: (value) => void printed.push(value),
  line: () => {},
  text: () => {},
  printError: () => {},
  json: true,
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-import-'));
  printed = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
const run = (file: string | undefined, options: { sshConfig?: string; preview?: boolean } = {}) =>
  importAppliances({ data: join(folder, 'data'), output }, file, { preview: false, yes: true, ...options });

const documentSchema = z.object({
  rows: z.array(z.object({ name: z.string(), state: z.string(), changes: z.array(z.string()) })),
  problems: z.array(z.string()),
  results: z.array(z.object({ name: z.string(), error: z.null() })),
});
const lastDocument = () => documentSchema.parse(printed.at(-1));
const states = () => lastDocument().rows.map(({ name, state, changes }) => [name, state, ...changes]);

test('when an ssh_config is imported again, adds only new hosts and edits only changed ones', async () => {
  write('more', 'Host mill\nHostName 10.0.0.2\n');
  const text = 'Include more\nHost kiln\nHostName 10.0.0.1\nUser root\n';
  const sshConfig = write('config', text);
  expect(await run(undefined, { sshConfig, preview: true })).toBe(0);
  expect(states()).toEqual([
    ['mill', 'new'],
    ['kiln', 'new'],
  ]);
  expect(lastDocument().results).toEqual([]);
  expect(await run(undefined, { sshConfig })).toBe(0);
  expect(lastDocument().results.map(({ name }) => name)).toEqual(['mill', 'kiln']);
  write('config', `${text}Port 2222\nHost oven\nHostName 10.0.0.3\n`);
  expect(await run(undefined, { sshConfig })).toBe(0);
  expect(states()).toEqual([
    ['mill', 'same'],
    ['kiln', 'changed', 'target'],
    ['oven', 'new'],
  ]);
  expect(await run(undefined, { sshConfig })).toBe(0);
  expect(states().map(([, state]) => state)).toEqual(['same', 'same', 'same']);
  expect(lastDocument().results).toEqual([]);
});

test('when a CSV file is imported, adds its valid rows and names the others', async () => {
  const file = write('a.csv', 'name,address,tags\nkiln,root@10.0.0.1,dmz\nA B,root@10.0.0.2,\n');
  expect(await run(file)).toBe(0);
  expect(states()).toEqual([
    ['kiln', 'new'],
    ['A B', 'invalid'],
  ]);
  expect(lastDocument().results.map(({ name }) => name)).toEqual(['kiln']);
});

test('when a row lets an address have a secret of the vault, the preview says so', async () => {
  const file = write('a.csv', 'name,address,credential\nkiln,root@10.0.0.1,ops\nmill,root@10.0.0.2,\n');
  let text = '';
  const shown: Output = {
    ...output,
    json: false,
    print: (_value, people) => (text = people((plain) => plain)),
  };
  await importAppliances({ data: join(folder, 'data'), output: shown }, file, { preview: true, yes: false });
  expect(text).toMatch(/^kiln +new +root@10\.0\.0\.1:22 +– +signs in with the credential ops$/mu);
  expect(text).toMatch(/^mill +new +root@10\.0\.0\.2:22 +– +–$/mu);
});

test.each([
  ['neither a file nor --ssh-config', undefined, {}],
  ['both', '/a.csv', { sshConfig: '/config' }],
  ['a file that does not exist', undefined, { sshConfig: '/nothing/here' }],
])('rejects %s with INVALID_INPUT', async (_, file, options) => {
  await expect(run(file, options)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});
