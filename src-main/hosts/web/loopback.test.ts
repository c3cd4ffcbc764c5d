import { once } from 'node:events';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer, type Server as NetServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { listenOnLoopback } from './loopback.ts';

const open: (Server | NetServer)[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** Starts the server of another program and returns its port. */
async function occupyPort(host: string, port = 0): Promise<number> {
  const server = createServer();
  open.push(server);
  server.listen({ host, port, ipv6Only: host === '::1' });
  await once(server, 'listening');
  return z.object({ port: z.number() }).parse(server.address()).port;
}

async function listen(port: number) {
  const { port: bound, servers } = await listenOnLoopback(() => createHttpServer(), port);
  open.push(...servers);
  return { bound, addresses: servers.map((server) => server.address()) };
}

test('when the port is free, listens on both addresses', async () => {
  const { bound, addresses } = await listen(0);
  expect(addresses).toMatchObject([
    { address: '127.0.0.1', port: bound },
    { address: '::1', port: bound },
  ]);
});

test.each(['127.0.0.1', '::1', '0.0.0.0', '::'])(
  'rejects a port that another program uses on %s with PORT_UNAVAILABLE, and listens on neither address',
  async (address) => {
    const port = await occupyPort(address);
    await expect(listen(port)).rejects.toMatchObject({ code: 'PORT_UNAVAILABLE', detail: { port } });
    for (const server of open.splice(0)) await new Promise((resolve) => server.close(resolve));
    expect(await occupyPort('127.0.0.1', port)).toBe(port);
    expect(await occupyPort('::1', port)).toBe(port);
  },
);

test('when the first free port is taken on ::1, takes another one', async () => {
  const made: Server[] = [];
  const squatted: number[] = [];
  const createTaken = (): Server => {
    const server = createHttpServer();
    made.push(server);
    // Stands in for another program that takes the same port on ::1 between the two listens.
    if (made.length === 1)
      server.prependListener('listening', () => {
        const { port } = z.object({ port: z.number() }).parse(server.address());
        const rival = createServer().listen({ host: '::1', port, ipv6Only: true });
        open.push(rival);
        squatted.push(port);
      });
    return server;
  };
  const { port, servers } = await listenOnLoopback(createTaken, 0);
  open.push(...servers);
  expect(squatted).toHaveLength(1);
  expect(port).not.toBe(squatted[0]);
});
