import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Contract } from '../src-shared/contract/index.ts';
import { createConsole, type Console } from './console.ts';
import { startWebHost, type WebHost } from './web.ts';

let folder: string;
let console: Console;
let host: WebHost;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-web-'));
  const rendererFolder = join(folder, 'renderer');
  mkdirSync(join(rendererFolder, 'assets'), { recursive: true });
  writeFileSync(join(rendererFolder, 'index.html'), '<style nonce="__CSP_NONCE__"></style>');
  writeFileSync(join(rendererFolder, 'assets/index-abc123.js'), 'export {};');
  writeFileSync(join(folder, 'outside.json'), 'outside');
  console = createConsole({
    dataFolder: join(folder, 'data'),
    host: 'web',
    operator: 'ada',
    log: pino({ level: 'silent' }),
  });
  host = await startWebHost({ console, port: 0, rendererFolder });
});
afterEach(async () => {
  await host.close();
  await console.close();
  rmSync(folder, { recursive: true, force: true });
});

type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string };

/** Node's own client: unlike fetch it sends any Host and any path as they are. */
async function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = options;
  const request = httpRequest({ host: '127.0.0.1', port: host.port, path, method, headers });
  request.end(body);
  const [response] = await once(request, 'response');
  let text = '';
  for await (const part of response) text += String(part);
  return { status: response.statusCode, headers: response.headers, body: text };
}

const origin = () => `http://127.0.0.1:${host.port}`;
const token = () => new URLSearchParams(new URL(host.url).hash.slice(1)).get('token') ?? '';
const exchange = (shown: string, headers: Record<string, string> = { origin: origin() }) =>
  ask('/session', { method: 'POST', headers, body: JSON.stringify({ token: shown }) });

async function openSession(): Promise<string> {
  const { status, headers } = await exchange(token());
  expect(status).toBe(204);
  return String(headers['set-cookie']).split(';')[0] ?? '';
}

/** The status that an upgrade gets; 101 closes again. */
async function upgrade(options: { path?: string; headers: Record<string, string> }): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${host.port}${options.path ?? '/rpc'}`, {
    headers: options.headers,
  });
  return new Promise((resolve) => {
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.on('error', () => {});
  });
}

describe('the page', () => {
  test('gets a nonce of its own with every response, and a policy that allows nothing else', async () => {
    const [first, second] = [await ask('/'), await ask('/')];
    const nonce = /nonce="([^"]+)"/u.exec(first.body)?.[1] ?? '';
    expect(nonce.length).toBeGreaterThan(15);
    expect(second.body).not.toContain(nonce);
    expect(first.headers['content-security-policy']).toBe(
      [
        "default-src 'none'",
        `script-src 'self' 'nonce-${nonce}'`,
        `style-src 'self' 'nonce-${nonce}'`,
        "font-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
    );
    expect(first.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(Object.keys(first.headers)).not.toContain('access-control-allow-origin');
  });

  test('keeps hashed files in the cache for good', async () => {
    expect((await ask('/assets/index-abc123.js')).headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect((await ask('/assets/index-none.js')).status).toBe(404);
  });

  test.each([
    '/../outside.json',
    '/assets/../../outside.json',
    '/..%2foutside.json',
    '/%2e%2e/outside.json',
    '/assets/..%5c..%5coutside.json',
    '//outside.json',
    '/assets/%00/../../outside.json',
  ])('no path leads out of the folder: %s', async (path) => {
    const answer = await ask(path);
    expect(answer.body).not.toContain('outside');
  });

  test('nothing but GET and HEAD', async () => {
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH'])
      expect([method, (await ask('/', { method })).status]).toEqual([method, 405]);
    expect(await ask('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });
});

describe('who may talk to it', () => {
  test('only this computer', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter((one) => !one.internal && one.family === 'IPv4');
    for (const { address } of others) {
      const socket = connect({ host: address, port: host.port });
      const [error] = await once(socket, 'error');
      expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    }
    expect(new URL(host.url).hostname).toBe('127.0.0.1');
  });

  test.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1:1', 'localhost.evil.example:1'])(
    'a name that was rebound to this address gets nothing: Host %s',
    async (rebound) => {
      for (const path of ['/', '/session', '/assets/index-abc123.js'])
        expect(await ask(path, { headers: { host: rebound } })).toMatchObject({ status: 403 });
      const headers = { host: rebound, origin: `http://${rebound}`, cookie: await openSession() };
      expect(await upgrade({ headers })).toBe(403);
    },
  );

  test.each(['http://evil.example', 'null', 'https://127.0.0.1', 'http://127.0.0.1:1'])(
    'another page gets nothing: Origin %s',
    async (foreign) => {
      expect(await ask('/', { headers: { origin: foreign } })).toMatchObject({ status: 403 });
      expect(await exchange(token(), { origin: foreign })).toMatchObject({ status: 403 });
      const cookie = await openSession();
      expect(await upgrade({ headers: { origin: foreign, cookie } })).toBe(403);
    },
  );

  test('an exchange and an upgrade need an Origin', async () => {
    expect(await exchange(token(), {})).toMatchObject({ status: 403 });
    expect(await upgrade({ headers: { cookie: await openSession() } })).toBe(403);
  });
});

describe('the token', () => {
  test('gives one cookie that scripts and other sites never see', async () => {
    const { status, headers } = await exchange(token());
    expect(status).toBe(204);
    expect(String(headers['set-cookie'])).toMatch(
      new RegExp(`^sallyport_${host.port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`, 'u'),
    );
    expect(String(headers['set-cookie'])).not.toContain(token());
  });

  test('works once', async () => {
    await openSession();
    const second = await exchange(token());
    expect(second).toMatchObject({ status: 401 });
    expect(second.headers['set-cookie']).toBeUndefined();
  });

  test('a wrong one gives nothing, and does not use up the right one', async () => {
    expect(await exchange(`${token()}x`)).toMatchObject({ status: 401 });
    expect(await exchange('')).toMatchObject({ status: 401 });
    await openSession();
  });

  test.each(['', '{', '[]', '{"token":7}', `{"token":"${'x'.repeat(10_000)}"}`])(
    'rubbish is refused: %.20s',
    async (body) => {
      const answer = await ask('/session', { method: 'POST', headers: { origin: origin() }, body });
      expect(answer.status).toBe(400);
    },
  );

  test('stands in no part of the address that a server or a log sees', () => {
    const url = new URL(host.url);
    expect(url.pathname + url.search).toBe('/');
    expect(token().length).toBeGreaterThanOrEqual(43);
  });
});

describe('the WebSocket', () => {
  test('needs the cookie', async () => {
    expect(await upgrade({ headers: { origin: origin() } })).toBe(401);
    const wrong = `sallyport_${host.port}=${'a'.repeat(43)}`;
    expect(await upgrade({ headers: { origin: origin(), cookie: wrong } })).toBe(401);
    expect((await ask('/session')).status).toBe(401);
    const cookie = await openSession();
    expect(await upgrade({ headers: { origin: origin(), cookie } })).toBe(101);
    expect((await ask('/session', { headers: { cookie } })).status).toBe(204);
  });

  test('is at one place', async () => {
    const cookie = await openSession();
    expect(await upgrade({ path: '/other', headers: { origin: origin(), cookie } })).toBe(403);
  });

  test('carries the contract', async () => {
    const cookie = await openSession();
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/rpc`, {
      headers: { origin: origin(), cookie },
    });
    const websocket = Object.assign(new EventTarget(), {
      readyState: WebSocket.OPEN,
      send: (data: string) => socket.send(data),
    });
    await once(socket, 'open');
    socket.on('message', (data) =>
      websocket.dispatchEvent(
        new MessageEvent('message', { data: Buffer.isBuffer(data) ? data.toString('utf8') : null }),
      ),
    );
    const client: ContractRouterClient<Contract> = createORPCClient(new RPCLink({ websocket }));
    expect(await client.system.about({})).toMatchObject({ operator: 'ada', host: 'web' });
    await expect(client.fleet.refresh({ id: crypto.randomUUID() })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      data: { retryable: false },
    });
    socket.terminate();
  });

  test('survives a page that sends rubbish or too much', async () => {
    const cookie = await openSession();
    const headers = { origin: origin(), cookie };
    for (const rubbish of ['{', 'null', '[]', '{"i":7}', 'x'.repeat(2 << 20)]) {
      const socket = new WebSocket(`ws://127.0.0.1:${host.port}/rpc`, { headers });
      socket.on('error', () => {});
      await once(socket, 'open');
      socket.send(rubbish);
      await once(socket, 'close');
    }
    expect(await upgrade({ headers })).toBe(101);
  });
});

test('a port that is taken, and a page that was not built, are told as such', async () => {
  const rendererFolder = join(folder, 'renderer');
  await expect(startWebHost({ console, port: host.port, rendererFolder })).rejects.toMatchObject({
    code: 'BUSY',
  });
  await expect(
    startWebHost({ console, port: 0, rendererFolder: join(folder, 'nothing') }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('npm run build') });
});
