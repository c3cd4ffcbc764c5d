import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPageFiles } from './pageFiles.ts';

let root = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sallyport-page-'));
  await mkdir(join(root, 'renderer/assets'), { recursive: true });
  await writeFile(
    join(root, 'renderer/index.html'),
    '<meta property="csp-nonce" nonce="__CSP_NONCE__"><script nonce="__CSP_NONCE__"></script>',
  );
  await writeFile(join(root, 'renderer/assets/index-1.js'), 'export {};');
  await writeFile(join(root, 'secret.json'), '{}');
});
afterEach(() => rm(root, { recursive: true, force: true }));

function text(body: Uint8Array): string {
  return Buffer.from(body).toString('utf8');
}

test('each index.html has its own nonce, the same in policy and page', async () => {
  const page = await openPageFiles(join(root, 'renderer'));
  const nonces = new Set<string>();
  for (const path of ['/', '/index.html', '/tenants/acme.example']) {
    const response = await page.respond(path);
    const policy = response.headers['Content-Security-Policy'] ?? '';
    const nonce = /script-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1] ?? 'none in the policy';
    expect(response.status).toBe(200);
    expect(text(response.body)).toBe(
      `<meta property="csp-nonce" nonce="${nonce}"><script nonce="${nonce}"></script>`,
    );
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe/);
    nonces.add(nonce);
  }
  expect(nonces.size).toBe(3);
});

test('a built file has its content type', async () => {
  const page = await openPageFiles(join(root, 'renderer'));
  const response = await page.respond('/assets/index-1.js');
  expect(response.headers['Content-Type']).toBe('text/javascript; charset=utf-8');
  expect(response.headers['X-Content-Type-Options']).toBe('nosniff');
  expect(text(response.body)).toBe('export {};');
});

test.each([
  { accept: 'gzip, deflate, br, zstd', encoding: 'br', body: 'brotli' },
  { accept: 'gzip, deflate', encoding: 'gzip', body: 'zipped' },
  { accept: 'br;q=0, GZIP;q=0.5', encoding: 'gzip', body: 'zipped' },
  { accept: 'br;q=0.0, identity', encoding: undefined, body: 'export {};' },
  { accept: 'brotli', encoding: undefined, body: 'export {};' },
  { accept: undefined, encoding: undefined, body: 'export {};' },
])('when $accept is accepted, sends the file as $encoding', async ({ accept, encoding, body }) => {
  await writeFile(join(root, 'renderer/assets/index-1.js.br'), 'brotli');
  await writeFile(join(root, 'renderer/assets/index-1.js.gz'), 'zipped');
  const page = await openPageFiles(join(root, 'renderer'));
  const response = await page.respond('/assets/index-1.js', accept);
  expect(response.headers).toMatchObject({
    'Content-Type': 'text/javascript; charset=utf-8',
    Vary: 'Accept-Encoding',
  });
  expect(response.headers['Content-Encoding']).toBe(encoding);
  expect(text(response.body)).toBe(body);
  expect(await page.respond('/assets/index-1.js.br', accept)).toMatchObject({ status: 404 });
});

test('when a file has no compressed copy, sends it uncompressed', async () => {
  const page = await openPageFiles(join(root, 'renderer'));
  const response = await page.respond('/assets/index-1.js', 'br, gzip');
  expect(response.headers).not.toHaveProperty('Content-Encoding');
  expect(response.headers).not.toHaveProperty('Vary');
  expect(text(response.body)).toBe('export {};');
});

test.each([
  '/../secret.json',
  '/assets/../../secret.json',
  '/%2e%2e/secret.json',
  '/..%2fsecret.json',
  '/..',
  '/.env',
  '//secret.json',
  '/assets\\..\\..\\secret.json',
  '/missing.js',
  '/assets/index-1.js.map',
  '/assets/missing',
  'index.html',
  '',
])('when the path is %s, answers 404', async (path) => {
  const page = await openPageFiles(join(root, 'renderer'));
  const response = await page.respond(path);
  expect(response.status).toBe(404);
  expect(text(response.body)).toBe('Not found');
});

test.each([
  ['index-1.js', /script-src 'self' 'nonce-/u],
  ['index-1.svg', /script-src 'self' 'nonce-/u],
  ['index-1.css', /^default-src 'none'$/u],
  ['inter.woff2', /^default-src 'none'$/u],
])('a document or worker that is loaded from %s gets a policy', async (name, policy) => {
  await writeFile(join(root, 'renderer/assets', name), 'x');
  const page = await openPageFiles(join(root, 'renderer'));
  const response = await page.respond(`/assets/${name}`);
  expect(response.headers['Content-Security-Policy']).toMatch(policy);
});

test('when the folder has no built page, rejects instead of serving an empty page', async () => {
  await expect(openPageFiles(root)).rejects.toThrow(/index\.html/);
});
