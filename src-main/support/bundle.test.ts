import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRedactor, type RedactionOptions } from '../../src-shared/model/syslog/redact/redactor.ts';
import { nextNumbers, redactBundle, writeBundle, type BundleFile } from './bundle.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-bundle-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function* bytes(text: string) {
  // In small pieces, as a disk or a network gives them.
  for (let at = 0; at < text.length; at += 7) yield Buffer.from(text.slice(at, at + 7));
}
async function* files(): AsyncGenerator<BundleFile> {
  yield { name: 'status.json', content: bytes('{"host":"kiln-01","from":["10.4.0.7"],"count":3}') };
  yield { name: 'configuration-1.yaml', content: bytes('# kiln-01\nntp: 10.4.0.7\npassword: "••••••••"\n') };
  yield {
    name: 'logs.jsonl',
    content: bytes('{"raw":"northwind from 10.4.0.7 and 10.4.0.8","offset":0}\n{"raw":"quiet","offset":9}\n'),
  };
}
const redactor = (options: Partial<RedactionOptions>) =>
  createRedactor({ kinds: ['addresses'], names: {}, custom: [], ...options });
const path = (name: string) => join(folder, name);

function unpack(name: string): string {
  const into = path(`of-${name}`);
  mkdirSync(into);
  execFileSync('tar', ['-xzf', path(name), '-C', into]);
  const [top = ''] = readdirSync(into);
  return join(into, top);
}
const readAll = (unpacked: string) =>
  readdirSync(unpacked)
    .map((name) => readFileSync(join(unpacked, name), 'utf8'))
    .join('\n');

test('when a bundle is written, tar reads it, its checksums hold, and nothing else is left', async () => {
  const out = path('case.tar.gz');
  const { files: listed, redaction } = await writeBundle(files(), { out, redactor: null, about: { a: 1 } });
  expect(redaction).toBeNull();
  expect(listed.map(({ name }) => name)).toEqual([
    'status.json',
    'configuration-1.yaml',
    'logs.jsonl',
    'manifest.json',
    'SHA256SUMS',
  ]);
  expect(execFileSync('tar', ['-tzf', out]).toString().split('\n')[0]).toBe('case/manifest.json');
  const unpacked = unpack('case.tar.gz');
  expect(spawnSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: unpacked }).status).toBe(0);
  expect(readAll(unpacked)).toContain('northwind from 10.4.0.7');
  expect(readdirSync(folder).toSorted()).toEqual(['case.tar.gz', 'of-case.tar.gz']);
});

test('when a bundle is redacted, and again, all is hidden and the same value has the same name', async () => {
  const first = await writeBundle(files(), { out: path('a.tar.gz'), redactor: redactor({}), about: {} });
  expect(first.redaction).toMatchObject([{ kind: 'addresses', count: 4, distinct: 2, next: 3 }]);
  expect(first.preview.map(({ line }) => line)).toContain(
    '{"raw":"northwind from <ip-1> and <ip-2>","offset":0}',
  );
  const numbers = await nextNumbers(path('a.tar.gz'));
  const again = redactor({
    kinds: ['tenants', 'hosts', 'custom'],
    names: { tenants: ['northwind'], hosts: ['kiln-01'] },
    custom: ['quiet'],
    numbers,
  });
  const second = await redactBundle(path('a.tar.gz'), { out: path('b.tar.gz'), redactor: again });
  expect(second.redaction?.map(({ kind }) => kind).toSorted()).toEqual([
    'addresses',
    'custom',
    'hosts',
    'tenants',
  ]);
  const text = readAll(unpack('b.tar.gz'));
  expect(text).not.toMatch(/10\.4\.0|northwind|kiln-01|quiet/u);
  expect(text).toContain('<tenant-1> from <ip-1> and <ip-2>');
  expect(text).toContain('ntp: <ip-1>');
  expect(JSON.parse(readFileSync(join(path('of-b.tar.gz'), 'b', 'status.json'), 'utf8'))).toEqual({
    host: '<host-1>',
    from: ['<ip-1>'],
    count: 3,
  });
  const third = redactor({
    kinds: ['custom'],
    custom: ['ntp'],
    numbers: await nextNumbers(path('b.tar.gz')),
  });
  await redactBundle(path('b.tar.gz'), { out: path('c.tar.gz'), redactor: third });
  expect(readAll(unpack('c.tar.gz'))).toContain('<custom-2>: <ip-1>');
});

test('when a bundle is previewed, writes nothing', async () => {
  const { preview, files: listed } = await writeBundle(files(), {
    out: null,
    redactor: redactor({}),
    about: {},
  });
  expect(preview.map(({ file }) => file)).toContain('configuration-1.yaml');
  expect(listed).toHaveLength(5);
  expect(readdirSync(folder)).toEqual([]);
});

test('when the bundle was changed, or is something else, refuses it and writes nothing', async () => {
  await writeBundle(files(), { out: path('a.tar.gz'), redactor: null, about: {} });
  const unpacked = unpack('a.tar.gz');
  writeFileSync(join(unpacked, 'logs.jsonl'), '{"raw":"other"}\n');
  execFileSync('tar', [
    '-czf',
    path('changed.tar.gz'),
    '-C',
    path('of-a.tar.gz'),
    ...['manifest.json', 'status.json', 'configuration-1.yaml', 'logs.jsonl', 'SHA256SUMS'].map(
      (name) => `a/${name}`,
    ),
  ]);
  const out = path('out.tar.gz');
  await expect(redactBundle(path('changed.tar.gz'), { out, redactor: redactor({}) })).rejects.toMatchObject({
    code: 'VERIFICATION_FAILED',
  });
  writeFileSync(path('text'), 'no archive');
  await expect(redactBundle(path('text'), { out, redactor: redactor({}) })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
  expect(existsSync(out)).toBe(false);
});
