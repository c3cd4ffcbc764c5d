import { execFile } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import dockerfile from 'dockerfile-utils';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lintConnectYaml } from '../../src-shared/model/connectYamlLint.ts';
import { exitCodes } from './exitCodes.ts';
import { connectVersion } from './version.ts';

const run = promisify(execFile);
const repository = join(import.meta.dirname, '../..');
const resources = join(repository, 'resources/connect');
let folder = '';
let prefix = '';
let archive = '';

/** Nothing of the user's own npm, and no registry: what installs here installs in an air-gapped network. */
const surroundings = () => ({
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
    env: { ...surroundings(), SALLYPORT_KIT_FOLDER: kit },
  });
  archive = join(kit, `sallyport-connect-${connectVersion}.tgz`);
  await run('npm', ['install', '--global', '--prefix', prefix, archive], {
    cwd: folder,
    env: surroundings(),
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const connect = (...argv: string[]) =>
  run(join(prefix, 'bin/connect'), argv, { cwd: folder, env: surroundings() });

it('is an archive as npm itself makes it of the same folder', async () => {
  const packed = join(folder, 'packed');
  await mkdir(packed);
  const source = join(archive, '../sallyport-connect');
  await run('npm', ['pack', '--pack-destination', packed], { cwd: source, env: surroundings() });
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

it('writes a configuration that its own linter, and the console’s, take', async () => {
  const { stdout } = await connect('init', '--appliance', 'gate.example.com:22');
  expect(lintConnectYaml(stdout).findings.filter(({ severity }) => severity === 'error')).toStrictEqual([]);
  const file = join(folder, 'connect.yaml');
  await writeFile(file, stdout);
  const lint = await connect('lint', file);
  expect(lint.stdout).not.toContain(' error C-');
  expect(lint.stdout).toMatch(/^0 errors, /mu);
});

it('mends what it can in a configuration, and says what is left', async () => {
  const [file, link] = [join(folder, 'wrong.yaml'), join(folder, 'link.yaml')];
  await symlink('wrong.yaml', link);
  const text = (await connect('init')).stdout;
  const broken = text.replace('repositories:', 'repositores:').replace('smb://', 'gopher://');
  await writeFile(file, broken);
  await expect(connect('lint', file)).rejects.toMatchObject({ code: exitCodes.usage });
  await expect(connect('lint', '--fix', '--json', link)).rejects.toMatchObject({ code: exitCodes.usage });
  const mended = await readFile(file, 'utf8');
  expect(mended).toContain('repositories:');
  // What is meant by this, nobody but the site knows.
  expect(mended).toContain('gopher://');
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
});

it('runs as a service that systemd finds sound, and that may do little', async () => {
  const text = await readFile(join(resources, 'sallyport-connect@.service'), 'utf8');
  expect(text.match(/\/opt\/sallyport-connect\/bin\/connect/gu)).toHaveLength(2);
  const unit = join(folder, 'sallyport-connect@site.service');
  await writeFile(unit, text.replaceAll('/opt/sallyport-connect', prefix));
  const verified = await run('systemd-analyze', ['verify', '--man=no', unit]);
  expect(verified.stderr + verified.stdout).toBe('');
  // Of 100, the less the better; what is left is that it speaks to the network and runs compiled code.
  await run('systemd-analyze', ['security', '--offline=true', '--threshold=20', unit]);
  expect(text).toContain('Restart=always\nRestartSec=30\n');
});

it('has a user and a rotation of logs that their own programs take', async () => {
  const name = 'sallyport-connect';
  const user = await run('systemd-sysusers', ['--dry-run', join(resources, 'sysusers.conf')]);
  // On a machine that has the user already there is nothing to say.
  const hasUser = new RegExp(`^${name}:`, 'mu').test(await readFile('/etc/passwd', 'utf8'));
  expect(user.stderr).toMatch(hasUser ? /^$/u : /^Creating user 'sallyport-connect'/mu);
  const text = await readFile(join(resources, 'logrotate.conf'), 'utf8');
  const log = join(folder, 'ke_connect_connect.log');
  await writeFile(log, 'a line\n');
  const check = async (settings: string) => {
    const file = join(folder, 'logrotate.conf');
    await writeFile(file, settings);
    const told = await run('logrotate', ['--debug', '--force', '--state', join(folder, 'none'), file], {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    });
    return told.stdout + told.stderr;
  };
  // This machine has neither the user nor the folder.
  const here = text.replace(`su ${name} ${name}`, 'su root root').replace(`/var/log/${name}`, folder);
  const sound = await check(here);
  expect(sound).toContain(`rotating log ${log}, log->rotateCount is 8`);
  expect(sound).toContain('running postrotate script');
  expect(sound).not.toMatch(/^error/mu);
  // It does find what is wrong, and goes on all the same.
  expect(await check(here.replace('weekly', 'weekli'))).toMatch(/^error/mu);
});

it('has a container that runs as nobody special, tells its health and holds no secret', async () => {
  const text = await readFile(join(resources, 'Containerfile'), 'utf8');
  expect(dockerfile.validate(text)).toStrictEqual([]);
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  const instruction = (name: string) => lines.filter((line) => line.startsWith(`${name} `));
  expect(instruction('USER')).toStrictEqual(['USER 1000:1000']);
  expect(instruction('HEALTHCHECK')).toStrictEqual([expect.stringMatching(/ CMD \["connect", "status"\]$/u)]);
  // Where its HEALTHCHECK, too, looks for it; the rest of the file system may be read-only.
  expect(instruction('ENV')).toStrictEqual([
    'ENV SALLYPORT_CONNECT_SOCKET=/run/sallyport-connect/control.sock',
  ]);
  // The program is all that is put into it.
  expect([...instruction('COPY'), ...instruction('ADD')]).toStrictEqual([
    expect.stringMatching(/^COPY --chmod=0755 connect\.mjs /u),
  ]);
  expect(lines.join('\n')).not.toMatch(/ssh_key|connect\.yaml/u);
  // The linter does find what is wrong.
  expect(dockerfile.validate(text.replace('USER 1000:1000', 'USR 1000:1000'))).not.toStrictEqual([]);
});

it('names its version wherever somebody copies it from', async () => {
  for (const name of ['Containerfile', 'README.md']) {
    const versions = (await readFile(join(resources, name), 'utf8')).match(
      /sallyport-connect[:-]\d+\.\d+\.\d+/gu,
    );
    expect(new Set(versions?.map((one) => one.split(/[:-]/u).at(-1)))).toStrictEqual(
      new Set([connectVersion]),
    );
  }
});
