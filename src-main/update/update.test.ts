import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import packageFile from '../../package.json' with { type: 'json' };
import { findMisfits, importUpdate, nameFile, type UpdateBasis } from './importUpdate.ts';
import { readUpdateFile } from './readUpdateFile.ts';
import { parseUpdateKeys, pinnedUpdateKeys } from './updateKeys.ts';

const content = Buffer.alloc(3_000_000, 'package ');
const basis: UpdateBasis = { version: '0.0.9', platform: 'linux', arch: 'x64' };

let folder: string;
let signedFile: string;
let keys: ReturnType<typeof parseUpdateKeys>;
let file: string;
const sign = (...args: string[]) =>
  execFileSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', resolve('scripts/package/signUpdate.ts'), ...args],
    {
      cwd: folder,
    },
  );

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-update-'));
  writeFileSync(join(folder, 'sallyport.deb'), content);
  sign('--make-key', 'key.pem');
  sign('sallyport.deb', '--key', 'key.pem', '--platform', 'linux', '--arch', 'x64');
  signedFile = join(folder, 'sallyport.deb.sallyport-update');
  keys = parseUpdateKeys(readFileSync(join(folder, 'key.pem.public.json'), 'utf8'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  file = join(folder, 'copy');
  copyFileSync(signedFile, file);
});

/** An empty folder for imported packages. */
function outFolder(): string {
  const out = mkdtempSync(join(folder, 'out-'));
  mkdirSync(out, { recursive: true });
  return out;
}

const importInto = (out: string, options: Partial<Parameters<typeof importUpdate>[1]> = {}) =>
  importUpdate(file, { keys, folder: out, basis, acceptsMisfits: false, ...options });

test('when an update file is signed by a known key, its package is written byte for byte', async () => {
  const out = outFolder();
  const imported = await importInto(out);
  expect(imported).toMatchObject({
    keyId: keys[0]?.kid,
    packageFile: join(out, 'sallyport.deb'),
    manifest: { version: packageFile.version, platform: 'linux', arch: 'x64', size: content.length },
  });
  expect(readFileSync(imported.packageFile).equals(content)).toBe(true);
  await expect(importInto(out)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  expect(readdirSync(out)).toEqual(['sallyport.deb']);
});

const changeByte = (at: number) => {
  const bytes = readFileSync(file);
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  writeFileSync(file, bytes);
};
/** A manifest with another version, but the same signature. */
const forgeManifest = () => {
  const bytes = readFileSync(file);
  const end = bytes.indexOf('\n');
  const [header = '', payload = '', signature = ''] = bytes.toString('latin1', 0, end).split('.');
  const changed = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), version: '9.9.9' };
  const line = [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.');
  writeFileSync(file, Buffer.concat([Buffer.from(line), bytes.subarray(end)]));
};

test.each<{ what: string; change: () => void; code: string }>([
  { what: 'a byte of the package differs', change: () => changeByte(-1), code: 'VERIFICATION_FAILED' },
  {
    what: 'its end is missing',
    change: () => truncateSync(file, content.length),
    code: 'VERIFICATION_FAILED',
  },
  {
    what: 'bytes follow the package',
    change: () => appendFileSync(file, 'more'),
    code: 'VERIFICATION_FAILED',
  },
  { what: 'the manifest was changed', change: forgeManifest, code: 'VERIFICATION_FAILED' },
  { what: 'it is only the package', change: () => writeFileSync(file, content), code: 'INVALID_INPUT' },
  { what: 'it is empty', change: () => writeFileSync(file, ''), code: 'INVALID_INPUT' },
  { what: 'it is missing', change: () => rmSync(file), code: 'NOT_FOUND' },
])('when $what, nothing is written and the error is $code', async ({ change, code }) => {
  change();
  const out = outFolder();
  await expect(importInto(out)).rejects.toMatchObject({ code });
  await expect(readUpdateFile(file, { keys })).rejects.toMatchObject({ code });
  expect(readdirSync(out)).toEqual([]);
});

test('when the key is unknown, retired or another with the same name, the update is refused', async () => {
  sign('--make-key', 'other.pem');
  const others = parseUpdateKeys(readFileSync(join(folder, 'other.pem.public.json'), 'utf8'));
  const sameName = others.map((key) => ({ ...key, kid: keys[0]?.kid ?? '' }));
  const retired = keys.map((key) => ({ ...key, retiredAt: '2026-01-01T00:00:00.000Z' }));
  for (const refused of [others, sameName, retired, []])
    await expect(readUpdateFile(file, { keys: refused })).rejects.toMatchObject({
      code: 'VERIFICATION_FAILED',
    });
});

test('when an update is for another computer or not newer, it is imported only on request', async () => {
  const signed = await readUpdateFile(file, { keys });
  expect(findMisfits(signed, basis)).toEqual([]);
  expect(findMisfits(signed, { version: packageFile.version, platform: 'win32', arch: 'arm64' })).toEqual([
    'It is for linux on x64; this computer is win32 on arm64.',
    `Version ${packageFile.version} is not newer than this one, ${packageFile.version}.`,
  ]);
  const out = outFolder();
  const older = { basis: { ...basis, version: '99.0.0' } };
  await expect(importInto(out, older)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(readdirSync(out)).toEqual([]);
  await importInto(out, { ...older, acceptsMisfits: true });
  expect(readdirSync(out)).toEqual(['sallyport.deb']);
});

test('when the update file is a pipe or a folder, it is refused without waiting', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const path of [pipe, folder])
    await expect(readUpdateFile(path, { keys })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

const refuseLinks = (code: string) => () => Promise.reject(Object.assign(new Error('no links'), { code }));

test.each(['EPERM', 'ENOTSUP'])(
  'when the disk has no hard links (%s), the package gets its name, and replaces no file',
  async (code) => {
    const out = outFolder();
    const [part, named] = [join(out, 'part'), join(out, 'named')];
    writeFileSync(part, content);
    await nameFile(part, named, refuseLinks(code));
    expect(readdirSync(out)).toEqual(['named']);
    expect(readFileSync(named).equals(content)).toBe(true);
    writeFileSync(part, 'other');
    await expect(nameFile(part, named, refuseLinks(code))).rejects.toMatchObject({ code: 'EEXIST' });
    expect(readFileSync(named).equals(content)).toBe(true);
  },
);

test('when a file can’t get its name on a disk without hard links, no empty file stays', async () => {
  const out = outFolder();
  await expect(nameFile(join(out, 'gone'), join(out, 'named'), refuseLinks('EPERM'))).rejects.toMatchObject({
    code: 'ENOENT',
  });
  expect(readdirSync(out)).toEqual([]);
});

test('when the keys file is damaged, says so', () => {
  expect(() => parseUpdateKeys('{"keys":[{}]}')).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
});

test('when this build is checked, each pinned key is a public Ed25519 key that is not retired', () => {
  for (const key of pinnedUpdateKeys) expect(key.retiredAt).toBeUndefined();
});
