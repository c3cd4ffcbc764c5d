import { chown, mkdtemp, readdir, readFile, rm, stat, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { initialConfiguration, lintFile } from './lint.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-lint-'));
});
afterEach(() => rm(folder, { recursive: true }));

const form = { appliance: 'gate.example.com:22', sshKey: '/etc/kloudless/ssh_key.priv' };

test('when root fixes a configuration, the same users can still read it', async () => {
  const file = join(folder, 'connect.yaml');
  const nobody = 65_534;
  await writeFile(file, initialConfiguration(form).replace('repositories:', 'repositores:'));
  await chown(file, 0, nobody);
  await chmod(file, 0o664);
  lintFile({ file, fix: true, json: false });
  expect(await readFile(file, 'utf8')).toContain('\nrepositories:');
  const { uid, gid, mode } = await stat(file);
  expect([uid, gid, mode & 0o7777]).toEqual([0, nobody, 0o664]);
  expect(await readdir(folder)).toEqual(['connect.yaml']);
});
