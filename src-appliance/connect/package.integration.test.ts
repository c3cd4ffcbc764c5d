import { execFile } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import dockerfile from 'dockerfile-utils';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lintConnectYaml } from '../../src-shared/model/connectYaml/connectYamlLint.ts';
import { exitCodes } from './exitCodes.ts';
import { connectVersion } from './version.ts';

const run = promisify(execFile);
const repository = join(import.meta.dirname, '../..');
const resources = join(repository, 'resources/connect');
let folder = '';
let prefix = '';
let archive = '';

/**
 * npm runs without the user's settings and without a registry. This proves that the package also installs
 * without internet.
 */
const planContext = () => ({
  PATH: `${join(repository, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
  HOME: folder,
  npm_config_offline: 'true',
  npm_config_cache: join(folder, 'cache'),
  npm_config_update_notifier: 'false',
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-package-'));
  prefix = join(folder, 'prefix');
  await mkdir(prefix);
  const kit = join(folder, 'kit');
  await run('vite', ['build', '-c', 'vite.kit.config.ts', '--logLevel', 'error'], {
    cwd: repository,
    env: { ...planContext(), SALLYPORT_KIT_FOLDER: kit },
  });
  archive = join(kit, `sallyport-connect-${connectVersion}.tgz`);
  await run('npm', ['install', '--global', '--prefix', prefix, archive], {
    cwd: folder,
    env: planContext(),
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A file of the package as npm installed it. */
const packaged = () => join(prefix, 'lib/node_modules/sallyport-connect');
const connect = (...argv: string[]) =>
  run(join(prefix, 'bin/connect'), argv, { cwd: folder, env: planContext() });

it('is the same archive that npm creates from the folder', async () => {
  const packed = join(folder, 'packed');
  await mkdir(packed);
  const source = join(archive, '../sallyport-connect');
  await run('npm', ['pack', '--pack-destination', packed], { cwd: source, env: planContext() });
  const byNpm = join(packed, `sallyport-connect-${connectVersion}.tgz`);
  const list = async (file: string) =>
    (await run('tar', ['--list', '--verbose', '--gzip', '--file', file])).stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(/\s+/u))
      .map(([mode = '', , size = '', ...rest]) => `${rest.at(-1) ?? ''} ${mode} ${size}`)
      .sort();
  expect(await list(archive)).toStrictEqual(await list(byNpm));
});

it('is one npm package that installs without a registry, and runs', async () => {
  expect((await connect('version')).stdout).toBe(`${connectVersion}\n`);
  expect((await connect('--help')).stdout).toContain('usage: connect start');
});

it('writes a configuration that its own linter and the console’s linter accept', async () => {
  const { stdout } = await connect('init', '--appliance', 'gate.example.com:22');
  expect(lintConnectYaml(stdout).findings.filter(({ severity }) => severity === 'error')).toStrictEqual([]);
  const file = join(folder, 'connect.yaml');
  await writeFile(file, stdout);
  const lint = await connect('lint', file);
  expect(lint.stdout).not.toContain(' error C-');
  expect(lint.stdout).toMatch(/^0 errors, /mu);
});

it('fixes what it can in a configuration, and reports the rest', async () => {
  const [file, link] = [join(folder, 'wrong.yaml'), join(folder, 'link.yaml')];
  await symlink('wrong.yaml', link);
  const text = (await connect('init')).stdout;
  const broken = text.replace('repositories:', 'repositores:').replace('smb://', 'gopher://');
  await writeFile(file, broken);
  await expect(connect('lint', file)).rejects.toMatchObject({ code: exitCodes.usage });
  await expect(connect('lint', '--fix', '--json', link)).rejects.toMatchObject({ code: exitCodes.usage });
  const fixed = await readFile(file, 'utf8');
  expect(fixed).toContain('repositories:');
  // The fixes keep this line, because only the site knows what it was meant to be.
  expect(fixed).toContain('gopher://');
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
});

it.each([
  ['kloudless_connect.service', 'connect'],
  ['kloudless_connect@.service', '%i'],
])('when systemd checks %s, the service is valid and has few rights', async (name, configuration) => {
  const text = await readFile(join(packaged(), name), 'utf8');
  expect(text.match(/\/opt\/sallyport-connect\/bin\/connect/gu)).toHaveLength(2);
  expect(text).toContain(`--config /etc/kloudless/${configuration}.yaml --log-dir %L/supervisord\n`);
  const unit = join(folder, name.replace('@', '@site'));
  await writeFile(unit, text.replaceAll('/opt/sallyport-connect', prefix));
  const verified = await run('systemd-analyze', ['verify', '--man=no', unit]);
  expect(verified.stderr + verified.stdout).toBe('');
  // The security score must be at most 20 of 100 (lower is better). The rest is for network access and
  // compiled code.
  await run('systemd-analyze', ['security', '--offline=true', '--threshold=20', unit]);
  expect(text).toContain('Restart=on-failure\nRestartSec=30\n');
});

it('has a Containerfile that is valid, defines a health check and contains no secret', async () => {
  const text = await readFile(join(resources, 'Containerfile'), 'utf8');
  expect(dockerfile.validate(text)).toStrictEqual([]);
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  const instruction = (name: string) => lines.filter((line) => line.startsWith(`${name} `));
  expect(instruction('HEALTHCHECK')).toStrictEqual([expect.stringMatching(/ CMD \["connect", "status"\]$/u)]);
  // The image adds nothing except the program and its start script.
  expect([...instruction('COPY'), ...instruction('ADD')]).toStrictEqual([
    expect.stringMatching(/^COPY --chmod=0755 connect\.mjs /u),
    expect.stringMatching(/^COPY --chmod=0755 container-start\.sh /u),
  ]);
  expect(lines.join('\n')).not.toMatch(/ssh_key|connect\.yaml/u);
  // Check that this linter finds errors at all.
  expect(dockerfile.validate(text.replace('STOPSIGNAL', 'STOPSIGNL'))).not.toStrictEqual([]);
});

it('when the README names the archive, its version is the present one', async () => {
  const readme = await readFile(join(resources, 'README.md'), 'utf8');
  const versions = readme.match(/(?<=sallyport-connect-)\d+\.\d+\.\d+/gu);
  expect(new Set(versions)).toStrictEqual(new Set([connectVersion]));
});
