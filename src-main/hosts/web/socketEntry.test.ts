import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Contract } from '../../../src-shared/contract/index.ts';
import { sessionEndReasons } from '../../../src-shared/contract/webSession.ts';
import {
  createWebHostClient,
  type EntryResult,
  type WebHostClient,
} from '../../../test-support/webHostClient.ts';
import { createWebSite, type WebSite } from '../../../test-support/webSite.ts';
import type { WebHost } from './web.ts';
import { maxFrameLength } from '../../rpc/requestFrame.ts';

let site: WebSite;
let host: WebHost;
let client: WebHostClient;
const sockets: { terminate: () => void }[] = [];

beforeEach(async () => {
  site = await createWebSite();
  ({ host, client } = site);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await site.close();
});

/** Opens a socket and asserts that the host accepted it. */
function admitted(entry: EntryResult): WebSocket {
  if (!('socket' in entry)) throw new Error(JSON.stringify(entry));
  sockets.push(entry.socket);
  return entry.socket;
}

describe('the token', () => {
  test('when it is shown at the same time twice, it opens one session', async () => {
    const opening = { want: 'session', token: client.token };
    const entries = await Promise.all([client.openSocket(opening), client.openSocket(opening)]);
    expect(entries.filter((entry) => 'answer' in entry)).toHaveLength(1);
    expect(entries).toContainEqual({ closeCode: sessionEndReasons['token-refused'].closeCode });
  });

  test('when it is wrong, it opens nothing and leaves the right one', async () => {
    const wrong = 'A'.repeat(43);
    expect(await client.openSocket({ want: 'session', token: wrong })).toEqual({ closeCode: 4401 });
    for (const want of ['calls', 'token', 'activity', 'sign-out'])
      expect(await client.openSocket({ want, secret: client.token })).toEqual({ closeCode: 4402 });
    expect(await client.signIn(client.token)).not.toBe(client.token);
  });

  test('when a new address is made, the one before works no longer', async () => {
    const { token } = createWebHostClient(host.newUrl());
    expect(await client.openSocket({ want: 'session', token: client.token })).toEqual({ closeCode: 4401 });
    expect(await client.signIn(token)).toMatch(/^[\w-]{43}$/u);
  });

  test('stands in no part of the address that a server or a log sees', () => {
    const url = new URL(host.url);
    expect(url.pathname + url.search).toBe('/');
    expect(client.token).toMatch(/^[\w-]{43}$/u);
  });
});

describe('the WebSocket', () => {
  test('carries the contract', async () => {
    const secret = await client.signIn(client.token);
    const socket = admitted(await client.openSocket({ want: 'calls', secret }));
    const websocket = Object.assign(new EventTarget(), {
      readyState: WebSocket.OPEN,
      send: (data: string) => socket.send(data),
    });
    socket.on('message', (data) =>
      websocket.dispatchEvent(
        new MessageEvent('message', { data: Buffer.isBuffer(data) ? data.toString('utf8') : null }),
      ),
    );
    const calls: ContractRouterClient<Contract> = createORPCClient(new RPCLink({ websocket }));
    expect(await calls.system.about({})).toMatchObject({ operator: 'ada', host: 'web' });
    await expect(calls.fleet.refresh({ id: crypto.randomUUID() })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      data: { retryable: false },
    });
    // A frame that is too long gets an error as answer. A frame of the maximum length is read, even if its
    // characters are wide.
    for (const id of ['x'.repeat(maxFrameLength), '€'.repeat(maxFrameLength - 1_000)])
      await expect(calls.fleet.refresh({ id })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(await calls.system.about({})).toMatchObject({ operator: 'ada' });
  });

  test.each([
    '{',
    'null',
    '[]',
    '{"want":"calls"}',
    '{"want":"calls","secret":7}',
    '{"i":"1","p":{"u":"/system/about"}}',
    new Uint8Array([1]),
  ])('rejects the first frame %j', async (first) => {
    expect(await client.openSocket(first)).toEqual({ closeCode: 1008 });
  });

  test('when the first frame is large or late, the socket is destroyed', async () => {
    expect(await client.openSocket('x'.repeat(200_000))).toEqual({ closeCode: 1006 });
    expect(await client.openSocket(undefined)).toEqual({ closeCode: 1006 });
  });

  test('when many sockets wait to be let in, more are refused and those let in go on', async () => {
    const secret = await client.signIn(client.token);
    const open = admitted(await client.openSocket({ want: 'calls', secret }));
    const waiting = Array.from({ length: 200 }, () => client.openSocket(undefined));
    await vi.waitFor(async () => {
      const entry = await Promise.race([
        client.openSocket({ want: 'activity', secret }),
        Promise.all(waiting),
      ]);
      expect(entry).toEqual({ status: 503 });
    }, 5_000);
    expect(open.readyState).toBe(WebSocket.OPEN);
    const refused = (await Promise.all(waiting)).filter((entry) => 'status' in entry);
    expect(refused).toHaveLength(184);
    expect(await client.openSocket({ want: 'activity', secret })).toMatchObject({ answer: null });
  });

  test('when a tab signs out, all sockets of its session end and no other', async () => {
    const secret = await client.signIn(client.token);
    const tabs = [1, 2].map(async () => admitted(await client.openSocket({ want: 'calls', secret })));
    const ends = (await Promise.all(tabs)).map((socket) => once(socket, 'close'));
    const otherSecret = await client.signIn(createWebHostClient(host.newUrl()).token);
    const other = admitted(await client.openSocket({ want: 'calls', secret: otherSecret }));
    expect(await client.openSocket({ want: 'sign-out', secret })).toMatchObject({ answer: null });
    for (const end of ends) expect((await end)[0]).toBe(sessionEndReasons['signed-out'].closeCode);
    expect(other.readyState).toBe(WebSocket.OPEN);
    expect(await client.openSocket({ want: 'calls', secret })).toEqual({ closeCode: 4402 });
  });

  test('when another tab asks, it gets a token of its own for the same session', async () => {
    const secret = await client.signIn(client.token);
    const entry = await client.openSocket({ want: 'token', secret });
    const token = 'answer' in entry ? (entry.answer ?? '') : '';
    expect(token).not.toBe(secret);
    expect(await client.signIn(token)).toBe(secret);
    expect(await client.openSocket({ want: 'session', token })).toEqual({ closeCode: 4401 });
  });
});

test('when upgrades are refused, their sockets are destroyed although the client keeps them open', async () => {
  const closed = Array.from({ length: 100 }, async (_, index) => {
    const socket = connect({ host: '127.0.0.1', port: host.port, allowHalfOpen: true });
    sockets.push({ terminate: () => socket.destroy() });
    socket.on('error', () => {});
    socket.write(
      `GET /rpc HTTP/1.1\r\nHost: ${index % 2 === 0 ? 'evil.example' : client.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    );
    socket.resume();
    await once(socket, 'end');
    // Write to the socket, because only that shows whether the other side has closed it.
    await vi.waitFor(() => {
      socket.write('more');
      expect(socket.destroyed).toBe(true);
    }, 4_000);
  });
  await expect(Promise.all(closed)).resolves.toHaveLength(100);
});
