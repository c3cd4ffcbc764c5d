import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import packageFile from '../../package.json' with { type: 'json' };
import { documentedBlocks } from '../../test-support/documentedCommands.ts';
import { packForNpm } from './packForNpm.ts';

const run = promisify(execFile);
const guide = join(import.meta.dirname, '../../docs/carry.md');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-carried-'));
  mkdirSync(join(folder, 'npm'));
  packForNpm(join(folder, 'npm'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The environment of a user who has never run npm, with this Node as that of the computer. */
const env = () => ({
  PATH: `${join(folder, 'prefix/bin')}:${dirname(process.execPath)}:/usr/bin:/bin`,
  HOME: folder,
  npm_config_prefix: join(folder, 'prefix'),
});

test('when the carried npm packages are installed as documented, without a network, the program runs', async () => {
  const commands = documentedBlocks(guide, 'Install', 'appliance').at(-1)?.commands ?? '';
  expect(commands).toContain('npm install');
  // A network without an interface, in which a request for a package fails.
  await run('unshare', ['--net', 'bash', '-e', '-c', commands], { env: env(), cwd: folder });
  const installed = readdirSync(join(folder, 'prefix/lib/node_modules'));
  expect(installed).toEqual(expect.arrayContaining(['sallyport', ...Object.keys(packageFile.dependencies)]));
  // The packages of Node are too large to be carried.
  expect(installed.filter((name) => name.startsWith('node-linux'))).toEqual([]);
  const { stdout } = await run('sallyport', ['--version'], { env: env(), cwd: '/' });
  expect(stdout).toContain(`sallyport ${packageFile.version}`);
  // Opens the database, so the native part is there too.
  const list = await run('sallyport', ['--json', 'appliance', 'list'], { env: env(), cwd: '/' });
  expect(JSON.parse(list.stdout)).toMatchObject({ format: 1, items: [] });
});
