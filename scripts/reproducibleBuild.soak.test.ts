import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
/** What a build reads. */
const sources = [
  'src-shared',
  'src-main',
  'src-renderer',
  'src-appliance',
  'resources',
  'scripts',
  'LICENSE',
  'electron.vite.config.ts',
  'vite.kit.config.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  'tsconfig.json',
  'tsconfig.renderer.json',
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-reproducible-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Builds console and kit in a folder of its own, at another time than others. */
async function buildIn(name: string): Promise<Map<string, string>> {
  const root = join(folder, name);
  mkdirSync(root, { recursive: true });
  for (const path of sources) cpSync(path, join(root, path), { recursive: true });
  // A symbolic link would lead out of the folder, and the bundler names modules by their path from it.
  await run('cp', ['-a', '--link', 'node_modules', root]).catch(() =>
    run('cp', ['-a', 'node_modules', root]),
  );
  const build = 'scripts/buildStale.ts';
  await run(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', build, '--no-download', 'console', 'kit'],
    {
      cwd: root,
    },
  );
  const out = join(root, 'out');
  const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [relative(out, path), createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );
}

test('when console and kit are built twice, in other folders and at other times, all files are the same', async () => {
  const first = await buildIn('one');
  const second = await buildIn('another/deeper folder');
  expect(first.size).toBeGreaterThan(100);
  for (const path of [
    'desktop/cli.js',
    'renderer/index.html',
    'kit/connect.mjs',
    'sbom.cdx.json',
    'kit/sbom.cdx.json',
  ])
    expect([...first.keys()]).toContain(path);
  expect([...second]).toEqual([...first]);
});
