import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test } from 'vitest';
import packageFile from '../../../package.json' with { type: 'json' };

const runner = fileURLToPath(new URL('../../../test-support/electron/runBuiltDesktop.ts', import.meta.url));

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-built-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All files of the built desktop program, including those that it shares with the command line. */
function builtFiles(): string[] {
  const names = readdirSync('out/desktop').filter((name) => name.endsWith('.js'));
  return names.map((name) => readFileSync(join('out/desktop', name), 'utf8'));
}

function runBuilt(...launchArguments: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', runner, 'out', ...launchArguments],
    { encoding: 'utf8', timeout: 300_000 },
  );
  return { status, stderr, said: stdout === '' ? null : JSON.parse(stdout) };
}

test('the built desktop host serves the built page and the console', () => {
  const { status, stderr, said } = runBuilt('--data', join(folder, 'data'), '--lab');
  expect(stderr).toBe('');
  expect(said).toEqual({
    about: {
      version: packageFile.version,
      host: 'desktop',
      operator: expect.any(String),
      role: 'admin',
      lab: true,
      labAuthority: null,
      canOpenTerminal: expect.any(Boolean),
    },
    assets: expect.arrayContaining([{ path: expect.stringMatching(/\.js$/), status: 200 }]),
    exposedToPage: { sallyportHost: 'desktop' },
    hasPolicy: true,
    hasPlaceholder: false,
    devTools: false,
  });
  expect(said.assets.filter((asset: { status: number }) => asset.status !== 200)).toEqual([]);
  expect(status).toBe(0);
});

test('when the data folder can’t be used, says so and exits with 1', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const { status, said } = runBuilt('--data', file);
  expect(said.errorBoxes).toEqual([
    { title: 'Sallyport can’t start', content: expect.stringMatching(/\(STORE_FAILED\)$/) },
  ]);
  expect(status).toBe(1);
});

test('the build contains the thread that reads large answers beside the program', async () => {
  expect(builtFiles().filter((text) => /new URL\(`answerWorker\.\$\{/u.test(text))).toHaveLength(1);
  const worker = new Worker('./out/desktop/answerWorker.js');
  const said: unknown[] = [];
  worker.on('message', (message) => {
    said.push(message);
    if (said.length === 1) worker.postMessage({ kind: 'licence', output: Buffer.from('[]') }, []);
    else void worker.terminate();
  });
  await once(worker, 'exit');
  expect(said).toEqual(['ready', { reason: 'the document has an unexpected value' }]);
});

test('the bundle contains no native parts; the preload requires only electron', () => {
  const main = builtFiles().join('\n');
  expect(main).toMatch(/from ["']better-sqlite3["']/);
  expect(main).not.toMatch(/require\(["'][^"']*\.node["']\)/);
  expect(main).not.toMatch(/from ["'][^"']*src-shared/);
  const preload = readFileSync('out/preload/preload.cjs', 'utf8');
  const required = [...preload.matchAll(/require\(["']([^"']+)["']\)/g)].map((match) => match[1]);
  expect(new Set(required)).toEqual(new Set(['electron']));
});

test('ssh2 finds its helper for Pageant beside the bundles, also if they are in an archive', () => {
  const find =
    /resolve\(import\.meta\.dirname, "(pagent\.exe)"\)(\.replace\("app\.asar", "app\.asar\.unpacked"\))/u;
  const [found] = builtFiles().flatMap((text) => find.exec(text) ?? []);
  expect(found).toBeDefined();
  expect(readFileSync('out/desktop/pagent.exe')).toEqual(readFileSync('node_modules/ssh2/util/pagent.exe'));
});
