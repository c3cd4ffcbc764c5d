import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { cliProgram } from '../../../test-support/cliProgram.ts';

const run = promisify(execFile);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-loaded-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Prints the address of each module that was loaded, and the parts of Node, at the end. */
const hook = `import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
process.on('exit', () => console.error(JSON.stringify({ loaded, parts: process.moduleLoadList })));`;
const printedSchema = z.object({ loaded: z.array(z.string()), parts: z.array(z.string()) });

const ofPackage = /(?:^|\/)node_modules\/((?:@[^/\s]+\/)?[^/\s]+)/u;

/** The modules that a built file contains, which it names in comments. */
async function modulesIn(path: string): Promise<string[]> {
  const comments = (await readFile(path, 'utf8')).matchAll(
    /^\/\/(?:#region)? ?((?:node_modules|src-\w+)\/\S+)/gmu,
  );
  return [...comments].map(([, name = '']) => name);
}

/** The packages, the own modules and the parts of Node that a command loads. */
async function listLoaded(...words: string[]) {
  const hooked = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, cliProgram];
  const { stderr } = await run(process.execPath, [...hooked, ...words]);
  const printed = printedSchema.parse(JSON.parse(stderr.trim().split('\n').at(-1) ?? ''));
  const files = printed.loaded.filter((url) => url.startsWith('file:')).map((url) => fileURLToPath(url));
  const built = files.filter((file) => !ofPackage.test(file));
  const modules = (await Promise.all(built.map(modulesIn))).flat().concat(files);
  const packages = new Set(modules.flatMap((name) => ofPackage.exec(name)?.[1] ?? []));
  return {
    packages: [...packages].toSorted(),
    own: modules.filter((name) => name.startsWith('src-')),
    parts: printed.parts.map((part) => part.replace(/^\w+ (?:Binding |Module )?/u, '')),
  };
}

// How much processor time a start needs, the benchmark `start` measures: that depends on the machine.
test('the version needs no package and no command', async () => {
  const { packages, own } = await listLoaded('--version');
  expect(packages).toEqual([]);
  expect(own.toSorted()).toEqual([
    'src-main/base/buildRecord.ts',
    'src-main/base/programVersion.ts',
    'src-main/base/userFolder.ts',
    'src-main/hosts/cli/cli.ts',
    'src-main/hosts/cli/commands/version.ts',
    'src-main/hosts/cli/compiledFolder.ts',
    'src-main/hosts/cli/output.ts',
    'src-shared/base/machineText.ts',
    'src-shared/node/paint.ts',
    'src-shared/node/systemErrorCode.ts',
  ]);
});

const heavyParts = ['http', 'https', 'tls', 'internal/deps/undici/undici'];
const store = ['better-sqlite3', 'kysely', 'ssh2'];

test('a command without appliances loads no store and no SSH', async () => {
  const { packages, own, parts } = await listLoaded('policy', 'show');
  expect(own).toContain('src-main/hosts/cli/policyCommands.ts');
  expect(own.filter((name) => /hosts\/cli\/\w+Commands\.ts$/u.test(name))).toHaveLength(1);
  expect(packages.filter((name) => store.includes(name))).toEqual([]);
  expect(parts.filter((name) => heavyParts.includes(name))).toEqual([]);
});

test('a completion of names reads the store and loads no SSH and no services', async () => {
  await run(process.execPath, [cliProgram, '--data', join(folder, 'names'), 'audit', 'list']);
  const { packages, own, parts } = await listLoaded(
    'complete',
    'zsh',
    '--',
    '--data',
    join(folder, 'names'),
    'status',
    '',
  );
  expect(packages.toSorted()).toEqual(expect.arrayContaining(['better-sqlite3', 'commander']));
  expect(packages.filter((name) => ['kysely', 'ssh2', 'ws'].includes(name))).toEqual([]);
  expect(own).not.toContain('src-main/services.ts');
  expect(own.filter((name) => /hosts\/cli\/\w+Commands\.ts$/u.test(name))).toHaveLength(1);
  expect(parts.filter((name) => heavyParts.includes(name))).toEqual([]);
});

test('the status of no appliances starts no SSH, and loads nothing of pages, probes and forwarding', async () => {
  const { packages, own, parts } = await listLoaded('--data', join(folder, 'data'), 'status');
  expect(packages).toEqual(expect.arrayContaining(store));
  expect(own).toContain('src-main/services.ts');
  const others = /(?:rpc\/router|hosts\/web|probe\/probeTunnel|forward\/senders)/u;
  expect(own.filter((name) => others.test(name))).toEqual([]);
  expect(packages.filter((name) => ['ws', 'qr', 'postgres', '@orpc/server'].includes(name))).toEqual([]);
  expect(parts.filter((name) => heavyParts.includes(name))).toEqual([]);
});
