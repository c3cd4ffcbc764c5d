import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createWebHostClient, type WebHostClient } from '../../../test-support/webHostClient.ts';
import { createWebSite, type WebSite } from '../../../test-support/webSite.ts';
import type { WebHost } from './web.ts';

let site: WebSite;
let host: WebHost;
let client: WebHostClient;

beforeEach(async () => {
  site = await createWebSite();
  ({ host, client } = site);
});
afterEach(() => site.close());

describe('the page', () => {
  test('has its own nonce with every response, and a policy that allows nothing else', async () => {
    const [first, second] = [await client.ask('/'), await client.ask('/')];
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
        "require-trusted-types-for 'script'",
        'trusted-types default',
      ].join('; '),
    );
  });

  test.each(['/', '/assets/index-abc123.js', '/assets/missing.js'])(
    'when %s is requested, the response forbids caching, sharing, frames and devices',
    async (path) => {
      const { headers } = await client.ask(path);
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'origin-agent-cluster': '?1',
        'permissions-policy': expect.stringMatching(/camera=\(\).*geolocation=\(\).*usb=\(\)/u),
      });
      expect(Object.keys(headers)).not.toContain('access-control-allow-origin');
      expect(Object.keys(headers)).not.toContain('set-cookie');
    },
  );

  test('when the page is opened for the camera, only the camera is allowed, and only to the page', async () => {
    const denied = (await client.ask('/')).headers['permissions-policy'];
    const { headers } = await client.ask('/?camera');
    expect(headers['permissions-policy']).toBe(String(denied).replace('camera=()', 'camera=(self)'));
    expect((await client.ask('/?other=camera')).headers['permissions-policy']).toBe(denied);
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
    const answer = await client.ask(path);
    expect(answer.body).not.toContain('outside');
  });

  test('when the method is not GET or HEAD, every path answers with the allowed methods', async () => {
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH', 'POST'])
      for (const path of ['/', '/session', '/rpc', '/assets/index-abc123.js'])
        expect(await client.ask(path, { method })).toMatchObject({
          status: 405,
          headers: { allow: 'GET, HEAD' },
        });
  });

  test.each(['/', '/session', '/assets/index-abc123.js', '/assets/missing.js'])(
    'when the method is HEAD, %s has the status and length of GET without a body',
    async (path) => {
      const [get, head] = [await client.ask(path), await client.ask(path, { method: 'HEAD' })];
      expect(head).toMatchObject({ status: get.status, body: '' });
      expect(head.headers['content-length']).toBe(get.headers['content-length']);
    },
  );
});

describe('access', () => {
  test('when started, has a random new host name', async () => {
    expect(client.hostname).toMatch(/^[0-9a-f]{24}\.localhost$/u);
    const other = await site.start();
    expect(new URL(other.url).hostname).not.toBe(client.hostname);
  });

  test('is possible only from this computer', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter((one) => !one.internal && one.family === 'IPv4');
    for (const { address } of others) {
      const socket = connect({ host: address, port: host.port });
      const [error] = await once(socket, 'error');
      expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    }
    for (const address of ['127.0.0.1', '::1']) {
      const socket = connect({ host: address, port: host.port });
      await once(socket, 'connect');
      socket.destroy();
    }
  });

  const wrongNames = [
    'localhost',
    '127.0.0.1',
    '[::1]',
    '',
    'evil.example',
    'localhost.evil.example',
    'NAME.evil.example',
    'x.NAME',
    'NAME.',
    'NAME:80:80',
    'NAME:port',
    'NAME@evil.example',
    'evil.example/NAME',
  ];
  test.each(wrongNames.flatMap((name) => [name, `${name}:PORT`]))(
    'when the Host is %j, answers with a page without script, token or name, and opens no socket',
    async (pattern) => {
      const wrong = pattern.replace('NAME', client.hostname).replace('PORT', String(host.port));
      for (const path of ['/', '/rpc', '/assets/index-abc123.js']) {
        const { status, headers, body } = await client.ask(path, { headers: { host: wrong } });
        expect(status).toBe(403);
        expect(body).toContain('Open the whole address that it printed');
        expect(body).not.toMatch(/<script|token=|[0-9a-f]{24}/u);
        expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[^ ]+';/u);
      }
      const headers = { host: wrong, origin: `http://${wrong}` };
      const secret = await client.signIn(client.token);
      expect(await client.openSocket({ want: 'calls', secret }, { headers })).toEqual({ status: 403 });
    },
  );

  test('when the Host has another port, accepts it, because ssh -L may change it', async () => {
    for (const forwarded of [`${client.hostname}:9000`, client.hostname, client.hostname.toUpperCase()]) {
      expect(await client.ask('/', { headers: { host: forwarded } })).toMatchObject({ status: 200 });
      const headers = { host: forwarded, origin: `http://${forwarded.toLowerCase()}` };
      const entry = await client.openSocket(
        { want: 'session', token: new URL(host.newUrl()).hash.slice('#token='.length) },
        { headers },
      );
      expect(entry).toMatchObject({ answer: expect.stringMatching(/^[\w-]{43}$/u) });
    }
  });

  test('when the Host has another port, the Origin must have it too', async () => {
    const forwarded = `${client.hostname}:9000`;
    for (const origin of [`http://${client.host}`, `http://${client.hostname}`, `https://${forwarded}`]) {
      expect(await client.ask('/', { headers: { host: forwarded, origin } })).toMatchObject({ status: 403 });
      const opening = { want: 'session', token: client.token };
      expect(await client.openSocket(opening, { headers: { host: forwarded, origin } })).toEqual({
        status: 403,
      });
    }
  });

  test.each(['X-Forwarded-Host', 'X-Original-Host', 'X-Host', 'Forwarded'])(
    'when a proxy names this console in %s, the Host still decides',
    async (header) => {
      const value = header === 'Forwarded' ? `host=${client.host}` : client.host;
      const headers = { host: 'evil.example', [header]: value };
      expect(await client.ask('/', { headers })).toMatchObject({ status: 403 });
    },
  );

  test.each([
    ['no Host in HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n', 403],
    ['no Host in HTTP/1.1', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n', 403],
    ['two hosts in one header', 'GET / HTTP/1.1\r\nHost: NAME, NAME\r\nConnection: close\r\n\r\n', 403],
  ])('rejects a request with %s', async (_what, request, status) => {
    const socket = connect({ host: '127.0.0.1', port: host.port });
    socket.write(request.replaceAll('NAME', client.host));
    let text = '';
    for await (const part of socket) text += String(part);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `, 'u'));
    expect(text).not.toContain(client.hostname);
  });

  test('rejects two Host headers with 400', async () => {
    const socket = connect({ host: '127.0.0.1', port: host.port });
    socket.write(`GET / HTTP/1.1\r\nHost: ${client.host}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`);
    let text = '';
    for await (const part of socket) text += String(part);
    expect(text).toMatch(/^HTTP\/1\.1 400 /u);
  });

  test('rejects an absolute request address with 400', async () => {
    expect(await client.ask('http://evil.example/')).toMatchObject({ status: 400 });
  });

  test.each([
    'http://evil.example',
    'null',
    'https://HOST',
    'http://HOST.evil.example',
    'http://127.0.0.1:1',
  ])('rejects a foreign Origin %s', async (pattern) => {
    const origin = pattern.replace('HOST', client.host);
    expect(await client.ask('/', { headers: { origin } })).toMatchObject({ status: 403 });
    const opening = { want: 'session', token: client.token };
    expect(await client.openSocket(opening, { headers: { origin } })).toEqual({ status: 403 });
    // The refused request has not used the token.
    expect(await client.signIn(client.token)).toMatch(/^[\w-]{43}$/u);
  });

  test('rejects an upgrade without an Origin', async () => {
    const socket = connect({ host: '127.0.0.1', port: host.port });
    socket.write(
      `GET /rpc HTTP/1.1\r\nHost: ${client.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    );
    let text = '';
    for await (const part of socket) text += String(part);
    expect(text).toMatch(/^HTTP\/1\.1 403 /u);
  });
});

test('rejects a page that was not built with NOT_FOUND', async () => {
  await expect(site.start({ rendererFolder: site.emptyFolder })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('npm run build'),
  });
});

test('when the host name is fixed, serves only this name', async () => {
  const fixed = await site.start({ hostName: '127.0.0.1' });
  const at = createWebHostClient(fixed.url);
  expect(at.host).toBe(`127.0.0.1:${fixed.port}`);
  expect(await at.ask('/')).toMatchObject({ status: 200 });
  for (const other of ['localhost', '[::1]', '::1', '127.0.0.1.', '127.0.0.2', '127.1'])
    for (const name of [other, `${other}:${fixed.port}`, `${other}:9000`])
      expect([name, await at.ask('/', { headers: { host: name } })]).toMatchObject([name, { status: 403 }]);
  for (const forwarded of ['127.0.0.1:9000', '127.0.0.1']) {
    const headers = { host: forwarded, origin: `http://${forwarded}` };
    expect(await at.ask('/', { headers })).toMatchObject({ status: 200 });
  }
  expect(await at.signIn(at.token)).toMatch(/^[\w-]{43}$/u);
});
