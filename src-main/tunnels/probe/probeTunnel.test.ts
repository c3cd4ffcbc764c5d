import fc from 'fast-check';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { AppError } from '../../../src-shared/errors.ts';
import { maxRefusalMs } from '../../../src-shared/model/tunnels/answerLimits.ts';
import { serviceFactsSchema } from '../../../src-shared/model/tunnels/probe.ts';
import { createLoopbackServers } from '../../../test-support/loopbackServers.ts';
import { makeCertificate } from '../../../test-support/tenantServices.ts';
import { probeTunnel } from './probeTunnel.ts';

const { serve, close } = createLoopbackServers();
afterEach(close);

const withHttp = (answer: RequestListener) => serve(createHttpServer(answer));
/** Starts a server that sends `bytes` on every connection and closes. */
const withBytes = (bytes: Buffer) =>
  serve(createServer((socket) => socket.once('data', () => socket.end(bytes))));

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

const probe = (port: number, uri: string | null) => probeTunnel({ open, port, uri });
const serviceOf = async (port: number, uri: string) => (await probe(port, uri)).service;

/** Stands in for a session that can't open a connection. */
const failing = (detail: Record<string, unknown>, code: 'CONNECT_FAILED' | 'LINK_LOST') =>
  probeTunnel({
    open: () => Promise.reject(new AppError(code, 'no', { detail })),
    port: 2200,
    uri: null,
  });

describe('a probe', () => {
  test.each([
    ['/Büro/', '/B%C3%BCro/'],
    ['/Účtárna/a%20b', '/%C3%9A%C4%8Dt%C3%A1rna/a%20b'],
    ['/\ud83d\ude00', '/%F0%9F%98%80'],
  ])('requests the path %j in its encoded form', async (path, sent) => {
    const asked: unknown[] = [];
    const port = await withHttp((request, response) => {
      asked.push(request.url);
      response.writeHead(200, { dav: '1, 2' }).end();
    });
    expect(await serviceOf(port, `webdav+http://files.lan:80${path}`)).toMatchObject({ outcome: 'answered' });
    expect(asked).toEqual([sent]);
  });

  test('when a path contains half a character, sends nothing', async () => {
    const asked: unknown[] = [];
    const port = await withHttp((request) => asked.push(request.url));
    for (const path of ['/\ud83d\ude00\ud800', '/\ude00a']) {
      const facts = await serviceOf(port, `webdav+http://files.lan:80${path}`);
      expect(facts).toMatchObject({ outcome: 'not-known' });
    }
    expect(asked).toEqual([]);
  });

  test('sends one request without credentials, and closes', async () => {
    const asked: string[] = [];
    const port = await withHttp((request, response) => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.host ?? ''}`);
      asked.push(request.headers.authorization ?? 'no credentials');
      response.setHeader('DAV', '1').end();
    });
    expect(await probe(port, 'webdav+http://files.lan:8080/share/')).toMatchObject({
      forward: { outcome: 'opened' },
      service: { outcome: 'answered', protocol: 'WebDAV 1', tls: null },
    });
    expect(asked).toEqual(['OPTIONS /share/ files.lan:8080', 'no credentials']);
  });

  test('follows one redirect within the service, and no second one', async () => {
    const asked: string[] = [];
    const port = await withHttp((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(301, { Location: `${request.url ?? ''}/` }).end();
    });
    const facts = await serviceOf(port, 'webdav+http://files.lan:80/a');
    expect(asked).toEqual(['/a', '/a/']);
    expect(facts).toMatchObject({ outcome: 'wrong-protocol' });
  });

  test('follows no redirect to another server', async () => {
    let count = 0;
    const port = await withHttp((_, response) => {
      count += 1;
      response.writeHead(302, { Location: 'http://192.0.2.1/' }).end();
    });
    expect(await serviceOf(port, 'cmis+http://cmis.lan:80/atom')).toMatchObject({
      outcome: 'wrong-protocol',
    });
    expect(count).toBe(1);
  });

  test.each([
    ['Basic realm="Alfresco"', 'alfresco+http://a.lan:80', { outcome: 'asks-log-in', protocol: 'Alfresco' }],
    ['Negotiate', 'cmis+http://a.lan:80/atom', { outcome: 'asks-log-in', protocol: 'CMIS, Negotiate' }],
    ['Basic realm="CQ5"', 'cq5+http://a.lan:80', { outcome: 'asks-log-in', protocol: 'Adobe CQ5' }],
  ])('counts %s as a request to log in', async (challenge, uri, expected) => {
    const port = await withHttp((_, response) => {
      response.writeHead(401, { 'WWW-Authenticate': challenge }).end();
    });
    expect(await serviceOf(port, uri)).toMatchObject(expected);
  });

  test('finds CQ5 by its redirect to a login page', async () => {
    const port = await withHttp((request, response) => {
      if (request.url?.startsWith('/libs/granite/') === true) response.end('<html>granite</html>');
      else response.writeHead(302, { Location: '/libs/granite/core/content/login.html' }).end();
    });
    expect(await serviceOf(port, 'cq5+http://a.lan:80/')).toMatchObject({ protocol: 'Adobe CQ5' });
  });

  test('distinguishes a service that closes on a request from a refused one', async () => {
    const closing = await withBytes(Buffer.alloc(0));
    expect(await serviceOf(closing, 'smb://a.lan:445')).toMatchObject({
      outcome: 'closed',
      stage: 'protocol',
    });
    const absent = await serve(createServer((socket) => socket.destroy()));
    expect(await serviceOf(absent, 'smb://a.lan:445')).toMatchObject({ outcome: 'closed', stage: 'start' });
    expect(await serviceOf(absent, 'webdav+https://a.lan:443/')).toMatchObject({ stage: 'start' });
  });

  test.each([
    'smb://a.lan:445',
    'webdav+http://a.lan:80/',
    'webdav+https://a.lan:443/',
    'cmis+http://a.lan:80/atom',
    'alfresco+https://a.lan:443/',
    'cq5+http://a.lan:80/',
  ])('when nothing answers at %s, says no protocol', async (uri) => {
    const afterMs = maxRefusalMs + 300;
    const late = await serve(createServer((socket) => setTimeout(() => socket.destroy(), afterMs)));
    const early = await serve(createServer((socket) => socket.once('data', () => socket.destroy())));
    const [slow, quick] = await Promise.all([serviceOf(late, uri), serviceOf(early, uri)]);
    expect(slow).toMatchObject({ outcome: 'closed' });
    expect(slow?.outcome === 'closed' && slow.milliseconds).toBeGreaterThan(maxRefusalMs);
    expect(quick).toMatchObject({ outcome: 'closed' });
  });

  test('when a service ends TLS without an answer, does not count the handshake as one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'probe-tls-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const files = await makeCertificate({ folder, name: 'a', host: 'a.lan', from: -1, to: 30 });
    const [key, cert] = await Promise.all([readFile(files.key), readFile(files.certificate)]);
    const tls = createTlsServer({ key, cert }, (socket) => {
      socket.on('error', () => undefined).once('data', () => socket.end());
    });
    expect(await serviceOf(await serve(tls), 'webdav+https://a.lan:443/')).toMatchObject({
      outcome: 'closed',
      stage: 'protocol',
    });
  });

  test.each([400, 600, 1_600])(
    'when a plain forward ends by itself %d ms after our side, knows neither a fault nor an end in order',
    async (laterMs) => {
      const port = await serve(
        createServer({ allowHalfOpen: true }, (socket) => {
          socket.resume();
          setTimeout(() => socket.destroy(), maxRefusalMs + laterMs);
        }),
      );
      expect((await probe(port, null)).service).toEqual({
        outcome: 'not-known',
        endedAfterMs: expect.any(Number),
      });
    },
  );

  test('of a plain forward sends nothing, and checks whether it closes in order', async () => {
    const said: Buffer[] = [];
    const port = await serve(
      createServer((socket) => {
        socket.on('data', (chunk: Buffer) => said.push(chunk));
      }),
    );
    expect((await probe(port, null)).service).toEqual({ outcome: 'not-known', closedInOrder: true });
    expect(said).toEqual([]);
  });

  test('when output is endless, stops reading', async () => {
    const port = await withHttp((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/xml' });
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      };
      response.on('drain', pour);
      pour();
    });
    expect(await serviceOf(port, 'cmis+http://a.lan:80/atom')).toMatchObject({ outcome: 'wrong-protocol' });
    const headers = await serve(
      createServer((socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const pour = () => {
          while (!socket.destroyed && socket.write(`X-A: ${'x'.repeat(8000)}\r\n`));
        };
        socket.on('drain', pour);
        pour();
      }),
    );
    expect((await serviceOf(headers, 'cmis+http://a.lan:80/atom'))?.outcome).toMatch(/wrong-protocol|fails/);
  });

  test('reports that sshd refuses or prohibits it, and rejects with the link’s own error', async () => {
    await expect(failing({ refusal: 'connect-failed' }, 'CONNECT_FAILED')).resolves.toMatchObject({
      forward: { outcome: 'refused' },
      service: null,
    });
    await expect(failing({ refusal: 'prohibited' }, 'CONNECT_FAILED')).resolves.toMatchObject({
      forward: { outcome: 'prohibited' },
    });
    await expect(failing({}, 'LINK_LOST')).rejects.toMatchObject({ code: 'LINK_LOST' });
  });
});

describe('whatever a stranger answers', () => {
  const uris = [
    'smb://a.lan:445',
    'webdav+http://a.lan:80/',
    'webdav+https://a.lan:443/',
    'cmis+http://a.lan:80/atom',
  ] as const;
  const almostHttp = fc
    .tuple(fc.constantFrom('HTTP/1.1 ', 'HTTP/1.0 200 OK\r\n', 'HTTP/1.1 200 OK\r\nDAV: '), fc.string())
    .map((parts) => Buffer.from(parts.join('')));
  const almostTls = fc
    .uint8Array({ maxLength: 100 })
    .map((bytes) => Buffer.concat([Buffer.from([22, 3, 3, 0, bytes.length]), bytes]));
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
    almostHttp,
    almostTls,
  );

  test('is within the schema, never an exception and never a success', async () => {
    let probed = 0;
    await fc.assert(
      fc.asyncProperty(bytes, fc.constantFrom(...uris), async (answer, uri) => {
        probed += 1;
        const port = await withBytes(answer);
        const service = await serviceOf(port, uri);
        const parsed = serviceFactsSchema.safeParse(service);
        return parsed.success && (parsed.data.outcome !== 'answered' || uri.startsWith('webdav+http:'));
      }),
      { numRuns: 60 },
    );
    expect(probed).toBe(60);
  });
});
