import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createListeningPorts, findListeningPorts } from './listeningPorts.ts';

const which = { userId: 998, range: { first: 2200, last: 5199 } };
const header =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const line = (at: { port: number; state: string; user: number; address?: string; inode?: number }) => {
  const { port, state, user, address = '0100007F', inode = 123 } = at;
  const remote = address.replace(/./gu, '0');
  const local = `${address}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ` 1234: ${local} ${remote}:0000 ${state} 00000000:00000000 00:00000000 00000000 ${`${user}`.padStart(5)}        0 ${inode} 1 0000000000000000 100 0 0 10 0\n`;
};

it('when the kernel lists sockets, finds the user’s listening ports in the range, and their sockets', () => {
  const table = [
    header,
    line({ port: 2200, state: '0A', user: 998 }),
    line({ port: 2201, state: '01', user: 998 }),
    line({ port: 2202, state: '0A', user: 0 }),
    line({ port: 2203, state: '0A', user: 9980 }),
    line({ port: 22, state: '0A', user: 998 }),
    line({
      port: 5199,
      state: '0A',
      user: 998,
      address: '00000000000000000000000001000000',
      inode: 4_294_967_295,
    }),
  ].join('');
  expect(findListeningPorts(Buffer.from(table), which)).toEqual([
    { port: 2200, inode: 123 },
    { port: 5199, inode: 4_294_967_295 },
  ]);
});

it.each(['', header, header.trimEnd()])('when no sockets are listed, finds nothing: %j', (table) => {
  expect(findListeningPorts(Buffer.from(table), which)).toEqual([]);
});

it('when there are 3,000 listening ports, finds them all', () => {
  const lines = Array.from({ length: 3000 }, (_, index) =>
    line({ port: 2200 + index, state: '0A', user: 998 }),
  );
  expect(findListeningPorts(Buffer.from(`${header}${lines.join('')}`), which)).toHaveLength(3000);
});

it('when the real sockets of this computer are read, finds one that this process opens and closes', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  const read = createListeningPorts({ userId: process.getuid?.() ?? 0, range: { first: port, last: port } });
  const first = (await read()).get(port);
  expect(first).toEqual([expect.any(Number)]);
  server.close();
  await once(server, 'close');
  expect((await read()).size).toBe(0);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const second = (await read()).get(port);
  expect(second).toHaveLength(1);
  expect(second).not.toEqual(first);
});
