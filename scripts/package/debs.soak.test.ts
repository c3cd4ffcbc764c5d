import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import packageFile from '../../package.json' with { type: 'json' };
import { debNames, packDeb } from './packDebs.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-debs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Searching Node's program takes lintian half a minute. */
const lint = (file: string, ...options: string[]) => {
  const { status, stdout } = spawnSync('lintian', ['--allow-root', ...options, file], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  return { status, stdout };
};

test.each(debNames)('when lintian checks %s, it finds neither errors nor warnings', async (name) => {
  const target = { arch: 'x64', version: packageFile.version } as const;
  const file = await packDeb(name, { target, outputFolder: folder, compression: ['-Zgzip', '-z1'] });
  expect(lint(file, '--fail-on', 'error,warning')).toEqual({ status: 0, stdout: '' });
  // The control: without the overrides, lintian finds Node's own copy of zlib.
  expect(lint(file, '--fail-on', 'error', '--no-override').stdout).toContain('embedded-library zlib');
});
