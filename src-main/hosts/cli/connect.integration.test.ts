import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectYamlCodes } from '../../../src-shared/model/connectYaml/connectYamlCodes.ts';
import { cliProgram } from '../../../test-support/cliProgram.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-connect-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function sallyport(argv: readonly string[], input = '', user: { uid?: number; gid?: number } = {}) {
  const child = spawn(process.execPath, [cliProgram, '--data', join(folder, 'data'), ...argv], user);
  const output = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.err += text));
  child.stdin.end(input);
  await once(child, 'close');
  return { code: child.exitCode, ...output };
}

const wellWritten = `appliance: h.example.com:22
ssh_key: /etc/kloudless/ssh_key.priv
repositories:
  docs: # the only one
    share: smb://files:445
`;

test('checks a file for its deployment, with exit code 2 for an error and otherwise 0', async () => {
  const file = join(folder, 'wrong.yaml');
  writeFileSync(file, wellWritten.replace('smb:', 'webdav:').replace(':22', ''));
  const judged = await sallyport(['connect', 'lint', file]);
  expect(judged.code).toBe(2);
  expect(judged.out).toContain(`${file}:1:12: error C-1401: appliance: the port is missing`);
  expect(judged.out).toContain(`${file}:5:12: error C-1303: repositories.docs.share`);
  expect(judged.out).toContain('Fix: Write webdav+http://');
  expect(judged.out).toContain('2 errors, 0 warnings, 1 note.');
  const onInput = await sallyport(['--json', 'connect', 'lint', '-'], wellWritten);
  expect(onInput.code).toBe(0);
  expect(JSON.parse(onInput.out)).toMatchObject({ ok: true, findings: [{ code: 'C-1422' }] });
  expect(existsSync(join(folder, 'data'))).toBe(false);
});

test('when deployment, version and ports are set, checks the file for them', async () => {
  const text = wellWritten.replace('/etc/kloudless/ssh_key.priv', 'key');
  const argv = [
    'connect',
    'lint',
    '-',
    '--runs',
    'container',
    '--appliance-version',
    '1.8.2',
    '--ports',
    '0',
  ];
  const { code, out } = await sallyport(argv, text);
  expect(code).toBe(2);
  for (const found of ['C-1411', 'C-1312', 'C-1207']) expect(out).toContain(found);
});

test('--fix rewrites the file, keeps its mode and comments, and prints the remaining findings', async () => {
  const file = join(folder, 'fix.yaml');
  writeFileSync(file, wellWritten.replace('smb:', 'sbm:').replace('ssh_key:', 'sshkey:'));
  chmodSync(file, 0o640);
  const { code, out } = await sallyport(['connect', 'lint', file, '--fix']);
  expect(code).toBe(0);
  expect(out).toContain('2 fixed.');
  expect(readFileSync(file, 'utf8')).toBe(wellWritten);
  expect(statSync(file).mode & 0o777).toBe(0o640);
  expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([]);
  const filter = await sallyport(['connect', 'lint', '-', '--fix'], wellWritten.replace('smb:', 'sbm:'));
  expect(filter.out).toBe(wellWritten);
});

const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)('--fix keeps the owner, group and exact mode of the file', async () => {
  const file = join(folder, 'owned.yaml');
  writeFileSync(file, wellWritten.replace('smb:', 'sbm:'));
  chownSync(file, 0, 33);
  chmodSync(file, 0o664);
  expect((await sallyport(['connect', 'lint', file, '--fix'])).code).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe(wellWritten);
  const { uid, gid, mode } = statSync(file);
  expect([uid, gid, mode & 0o7777]).toEqual([0, 33, 0o664]);
});

test.runIf(isRoot)('when --fix can’t keep the group of the file, leaves the file unchanged', async () => {
  const own = mkdtempSync(join(tmpdir(), 'sallyport-connect-cli-'));
  const file = join(own, 'owned.yaml');
  const before = wellWritten.replace('smb:', 'sbm:');
  try {
    writeFileSync(file, before);
    chownSync(own, 65534, 65534);
    chownSync(file, 65534, 33);
    const { code, err } = await sallyport(['connect', 'lint', file, '--fix'], '', { uid: 65534, gid: 65534 });
    expect([code, err]).toEqual([2, expect.stringContaining('its owner and group can’t be kept')]);
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(statSync(file).gid).toBe(33);
    expect(readdirSync(own)).toEqual(['owned.yaml']);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
});

test('when the file is a link, --fix changes its target and keeps the link', async () => {
  const [file, link] = [join(folder, 'linked.yaml'), join(folder, 'link.yaml')];
  writeFileSync(file, wellWritten.replace('smb:', 'sbm:'));
  symlinkSync('linked.yaml', link);
  expect((await sallyport(['connect', 'lint', link, '--fix'])).code).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe(wellWritten);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
});

test('init writes a valid file and never overwrites one', async () => {
  const file = join(folder, 'new.yaml');
  const argv = [
    'connect',
    'init',
    '--appliance',
    'h.example.com:22',
    '--ssh-key',
    '/etc/kloudless/ssh_key.priv',
  ];
  const repository = [
    '--repository',
    'docs/share=smb://files:445',
    '--repository',
    'docs/dav=webdav+http://d:80/',
  ];
  expect((await sallyport([...argv, ...repository, '--out', file])).code).toBe(0);
  const before = readFileSync(file, 'utf8');
  expect(before).toContain('    dav: "webdav+http://d:80/"');
  expect((await sallyport(['connect', 'lint', file])).code).toBe(0);
  const again = await sallyport([...argv, '--out', file]);
  expect([again.code, again.err]).toEqual([3, expect.stringContaining('ALREADY_EXISTS')]);
  expect(readFileSync(file, 'utf8')).toBe(before);
});

test.each([
  [['connect', 'lint', '/nothing/here'], 'can’t be read'],
  [['connect', 'lint', '/dev'], 'is not a file'],
  [['connect', 'init', '--appliance', 'h', '--ssh-key', '/k'], 'appliance: the port is missing'],
  [['connect', 'init', '--appliance', 'h:22', '--ssh-key', '/k', '--repository', 'x'], 'GROUP/NAME=URI'],
  [
    ['connect', 'init', '--appliance', 'h:22', '--ssh-key', '/k', '--repository', 'g/x=ftp://y'],
    'unknown service ftp',
  ],
])('rejects %j with exit code 2 in one line', async (argv, words) => {
  const { code, err } = await sallyport(argv);
  expect([code, err.trim().split('\n').length]).toEqual([2, 1]);
  expect(err).toContain(words);
});

test('when standard input is endless, rejects it after one megabyte', async () => {
  const endless = openSync('/dev/zero', 'r');
  const child = spawn(process.execPath, [cliProgram, 'connect', 'lint', '-'], {
    stdio: [endless, 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  await once(child, 'close');
  closeSync(endless);
  expect([child.exitCode, said]).toEqual([2, expect.stringContaining('larger than 1 MB')]);
});

test('writes a handover pack as a folder of files, and never overwrites it', async () => {
  const identity = join(folder, 'admin.key');
  writeFileSync(identity, 'x', { mode: 0o600 });
  const key = `SHA256:${'k'.repeat(43)}`;
  await sallyport([
    'appliance',
    'add',
    'kiln',
    'ubuntu@kiln.internal',
    '--identity',
    identity,
    '--host-key',
    key,
  ]);
  const out = join(folder, 'pack');
  const argv = ['tenant', 'handover', 'kiln', 'northwind', '--address', 'h.example.com:22', '--out', out];
  const { code, err, out: told } = await sallyport([...argv, '--repository', 'docs/share=smb://files:445']);
  expect([code, err]).toEqual([0, '']);
  expect(told).not.toContain('no repositories');
  const names = [
    'README.txt',
    'SHA256SUMS',
    'connect-northwind.zip',
    'connect.yaml',
    'firewall.txt',
    'run.txt',
  ];
  expect(readdirSync(out).sort()).toEqual(names);
  expect(names.map((name) => readFileSync(join(out, name), 'latin1')).join('\n')).not.toMatch(
    /internal|admin|ubuntu/u,
  );
  expect((await sallyport(['connect', 'lint', join(out, 'connect.yaml'), '--runs', 'container'])).code).toBe(
    0,
  );
  expect((await sallyport(argv)).code).toBe(3);
  const empty = await sallyport([...argv.slice(0, -1), `${out}-empty`]);
  expect(empty.out).toContain('The pack has no repositories.');
  expect(
    (await sallyport(['tenant', 'handover', 'quay', 'n', '--address', 'h:22', '--out', `${out}2`])).code,
  ).toBe(3);
  expect(existsSync(`${out}2`)).toBe(false);
});

test('every code is documented with its severity', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/connect-yaml-codes.md'), 'utf8');
  for (const [code, { severity }] of Object.entries(connectYamlCodes))
    expect(page).toMatch(new RegExp(`\\| ${code} +\\| ${severity} +\\|`, 'u'));
});
