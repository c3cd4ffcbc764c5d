import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import packageFile from '../../../package.json' with { type: 'json' };
import { labAnnouncementSchema } from '../../../src-shared/model/appliance/labAnnouncement.ts';
import { createWebHostClient } from '../../../test-support/webHostClient.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');
const quiet = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
let folder: string;
let files: string[];

const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ dev: z.boolean().optional(), optional: z.boolean().optional() })),
});

/** The packages that an installation brings, as folders of this checkout. A Node for old machines is left out. */
async function listRuntimePackages(): Promise<string[]> {
  const { packages } = lockSchema.parse(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')));
  return Object.entries(packages).flatMap(([path, { dev, optional }]) =>
    path === '' || dev === true || optional === true ? [] : [`./${path}`],
  );
}

const pack = (paths: readonly string[]) =>
  run('npm', ['pack', ...quiet, '--pack-destination', folder, ...paths], { cwd: root, maxBuffer: 1e8 });

/** A new terminal in the folder of the installation: no npm script is running. */
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:npm_|NODE_)/iu.test(name))),
  PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
};
const program = () => join(folder, 'site/node_modules/.bin/sallyport');
const data = () => join(folder, 'data');

/** Runs the installed program and reads what it prints as JSON. */
async function sallyport(...argv: string[]): Promise<unknown> {
  const { stdout } = await run(program(), ['--data', data(), '--json', ...argv], { env });
  return JSON.parse(stdout);
}

/** Starts the installed program. Resolves with its first line. */
async function start(...argv: string[]): Promise<{ child: ChildProcess; line: unknown }> {
  const child = spawn(program(), ['--data', data(), '--json', ...argv], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env,
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, line: JSON.parse(String(line)) };
}

async function stop({ child }: { child: ChildProcess }): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-npm-'));
  await pack(['.', ...(await listRuntimePackages())]);
  const archives = (await readdir(folder)).map((name) => join(folder, name));
  const own = archives.find((path) => path.endsWith(`/sallyport-${packageFile.version}.tgz`)) ?? '';
  files = (await run('tar', ['tzf', own])).stdout.trim().split('\n');
  await mkdir(join(folder, 'site'));
  await run('npm', ['install', ...quiet, '--omit=optional', '--prefix', join(folder, 'site'), ...archives]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the package has what runs, and no sources, source maps and tests', () => {
  for (const name of [
    'bin/sallyport.mjs',
    'out/build.json',
    'out/man/sallyport.1',
    'resources/completion/sallyport.bash',
    'out/desktop/cli.js',
    'out/desktop/lab.js',
    'out/renderer/index.html',
  ])
    expect(files).toContain(`package/${name}`);
  expect(files.filter((name) => /\.(?:map|tsx?)$|\/(?:src|test|e2e|bench)[-/]|\.test\./u.test(name))).toEqual(
    [],
  );
});

test('an installation says its version, runs the lab, and shows its appliances by command line and page', async () => {
  expect(await run(program(), ['--version'], { env })).toEqual({
    stdout: expect.stringMatching(
      new RegExp(
        String.raw`^sallyport ${packageFile.version}(?: \(commit [0-9a-f]{12}, [^\n()]+\))?\n$`,
        'u',
      ),
    ),
    stderr: '',
  });
  const lab = await start('lab', '--appliances', '1', '--tenants', '2', '--seed', 's');
  const web = await start('web', '--no-open');
  try {
    const { appliances } = labAnnouncementSchema.parse(lab.line);
    for (const { name, user, host, port, identityFile, hostKeySha256 } of appliances) {
      const login = ['--identity', identityFile, '--host-key', hostKeySha256];
      await sallyport('appliance', 'add', name, `${user}@${host}:${port}`, ...login);
    }
    const [name = ''] = appliances.map((appliance) => appliance.name);
    expect(await sallyport('status')).toMatchObject({
      items: [{ name, error: null, tenants: { total: 2 } }],
    });
    expect(await sallyport('tenant', 'list', name)).toMatchObject({ items: [{}, {}] });
    const { url } = z.object({ url: z.string() }).parse(web.line);
    const page = await createWebHostClient(url).ask('/');
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining('<script type="module"') });
  } finally {
    await stop(web);
    await stop(lab);
  }
});
