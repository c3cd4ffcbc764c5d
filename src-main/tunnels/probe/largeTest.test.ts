import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { readRepositoryUri } from '../../../src-shared/model/connectYaml/connectYaml.ts';
import { largeBytes, maxLargeMs, testLargeRequest } from './largeTest.ts';
import { mayRepeatLarge } from './targets.ts';
import { createLoopbackServers } from '../../../test-support/loopbackServers.ts';
import { makeSelfSigned } from '../../../test-support/selfSigned.ts';
import { createMeteredStream } from './meteredStream.ts';

const { serve, close } = createLoopbackServers();
afterEach(close);
const certificate = makeSelfSigned('a.lan');

/** The longest piece of data that the network passes at once. */
const maxPassed = 1_400;

/**
 * A network before the service that loses pieces of data longer than a packet, on the connection alone or, like
 * a session that waits for them, on all connections from then on.
 */
async function losing(port: number, scope: 'connection' | 'session' | 'nothing'): Promise<number> {
  let isStuck = false;
  return serve(
    createServer((socket) => {
      const inner = connect(port, '127.0.0.1');
      inner.on('error', () => socket.destroy());
      let isLost = isStuck;
      socket.on('data', (chunk: Buffer) => {
        isLost ||= isStuck || (scope !== 'nothing' && chunk.length > maxPassed);
        if (isLost && scope === 'session') isStuck = true;
        if (!isLost) inner.write(chunk);
      });
      inner.pipe(socket);
      socket.on('close', () => inner.destroy());
    }),
  );
}

function target(port: number, uri: string) {
  const parsed = readRepositoryUri(uri);
  if (typeof parsed === 'string') throw new Error(parsed);
  const open = async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return createMeteredStream(socket);
  };
  return { uri: parsed, connect: open, timeoutMs: 500 };
}

const http = (status: number) =>
  serve(createHttpServer({ maxHeaderSize: 16_384 }, (_, response) => response.writeHead(status).end()));
const tls = () =>
  serve(
    createTlsServer(certificate, (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    }),
  );
/** Answers each NEGOTIATE with SMB 3.1.1, as soon as it is complete. */
const smb = () =>
  serve(
    createServer((socket) => {
      let received = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        if (received.length < 4 || received.length < 4 + received.readUInt32BE(0)) return;
        const answer = Buffer.alloc(4 + 129);
        answer.writeUInt32BE(129, 0);
        answer.writeUInt32BE(0xfe53_4d42, 4);
        answer.writeUInt32LE(1, 20);
        answer.writeUInt16LE(0x0311, 72);
        socket.write(answer);
      });
    }),
  );

describe('a large request', () => {
  const services: readonly [string, () => Promise<number>, string][] = [
    ['HTTP', () => http(200), 'webdav+http://a.lan:80/dav/'],
    ['HTTP that refuses long headers', () => http(431), 'cmis+http://a.lan:80/atom'],
    ['SMB', smb, 'smb://a.lan:445/share'],
  ];

  test.each(services)('when the network to %s passes it, is answered', async (_what, start, uri) => {
    expect(await testLargeRequest(target(await losing(await start(), 'nothing'), uri))).toEqual({
      result: 'passed',
    });
  });

  test.each(services)('when only large packets to %s get lost, is lost', async (_what, start, uri) => {
    expect(await testLargeRequest(target(await losing(await start(), 'connection'), uri))).toEqual({
      result: 'lost',
    });
  });

  test.each(services)(
    'when all connections to %s wait for it, the session is stuck',
    async (_what, start, uri) => {
      expect(await testLargeRequest(target(await losing(await start(), 'session'), uri))).toEqual({
        result: 'stuck',
      });
    },
  );

  test('when the service closes on it, is not lost', async () => {
    const port = await serve(createServer((socket) => socket.once('data', () => socket.end())));
    for (const uri of ['webdav+http://a.lan:80/', 'smb://a.lan:445'])
      expect(await testLargeRequest(target(port, uri))).toEqual({ result: 'passed' });
  });

  test('inside TLS, is distinguished as well', async () => {
    const uri = 'webdav+https://a.lan:443/';
    expect(await testLargeRequest(target(await losing(await tls(), 'nothing'), uri))).toEqual({
      result: 'passed',
    });
    expect(await testLargeRequest(target(await losing(await tls(), 'connection'), uri))).toEqual({
      result: 'lost',
    });
    expect(largeBytes).toBeGreaterThan(2 * maxPassed);
  });
});

test('inside TLS, the first message is a small packet', async () => {
  const lengths: number[] = [];
  const port = await serve(
    createServer((socket) => socket.once('data', (first) => (lengths.push(first.length), socket.destroy()))),
  );
  await testLargeRequest(target(port, 'webdav+https://a.lan:443/'));
  expect(lengths.length).toBeGreaterThan(0);
  expect(Math.max(...lengths)).toBeLessThan(600);
});

test.each([
  [3, 5_000],
  [2_500, 5_000],
  [3_000, 6_000],
  [4_900, 9_800],
  [9_000, 10_000],
])('when the small answer took %d ms, waits up to %d ms for the large one', (answeredMs, limitMs) => {
  expect(maxLargeMs(answeredMs)).toBe(limitMs);
});

describe('an ordinary test', () => {
  const at = '2026-11-20T09:00:00.000Z';
  const tunnel = { clientId: 'acme', port: 2200, uri: 'smb://a:445', sessionPid: 7, heartbeat: null };
  const opened = { outcome: 'opened', milliseconds: 1 } as const;
  const result = { at, port: 2200, uri: tunnel.uri, sessionPid: 7, forward: opened };
  const passed = {
    ...result,
    service: { outcome: 'answered', protocol: 'SMB 3.1.1', milliseconds: 3, tls: null, largeBytes },
  } as const;
  const lost = {
    ...result,
    service: { outcome: 'large-lost', sentBytes: largeBytes, milliseconds: 3 },
  } as const;
  const stuck = {
    ...result,
    forward: { outcome: 'large-lost', sentBytes: largeBytes, openMilliseconds: 1, milliseconds: 9_000 },
    service: null,
  } as const;

  test.each([
    ['there was none', undefined, {}, false],
    ['the last large one passed', passed, {}, false],
    ['the last large one stalled the session', stuck, {}, false],
    ['the last large one got lost behind the session', lost, {}, true],
    ['it got lost in another session', lost, { sessionPid: 8 }, false],
    ['it got lost on the way to another service', lost, { uri: 'smb://b:445' }, false],
  ])('when %s, may send a large request: %s', (_when, last, change, isLarge) => {
    expect(mayRepeatLarge({ ...tunnel, ...change }, last)).toBe(isLarge);
  });
});
