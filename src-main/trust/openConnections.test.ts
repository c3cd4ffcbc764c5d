import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readOwnSockets, readSocketTable } from './openConnections.ts';

const head =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const row = (local: string, remote: string, state: string, inode: number) =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100\n`;

test('when the kernel lists sockets, those of other programs are left out and addresses are readable', () => {
  const table = [
    head,
    row('0100007F:1F90', '00000000:0000', '0A', 11),
    row('0A01A8C0:C001', '08080808:0016', '01', 12),
    row('0A01A8C0:C002', '08080808:0016', '01', 99),
    row('0A01A8C0:C003', '08080808:0016', '06', 13),
  ].join('');
  expect(readSocketTable(table, 'tcp', new Set(['11', '12', '13']))).toEqual([
    { protocol: 'tcp', local: '127.0.0.1:8080', localPort: 8080, remote: null, state: 'listening' },
    {
      protocol: 'tcp',
      local: '192.168.1.10:49153',
      localPort: 49153,
      remote: '8.8.8.8:22',
      state: 'established',
    },
    { protocol: 'tcp', local: '192.168.1.10:49155', localPort: 49155, remote: '8.8.8.8:22', state: 'other' },
  ]);
});

test('when an address is IPv6, it is short, and an IPv4 address in it is shown as one', () => {
  const table = [
    head,
    row('00000000000000000000000001000000:0016', 'B80D0120000000000000000001000000:0016', '01', 1),
    row('0000000000000000FFFF00000100007F:0016', '0000000000000000FFFF00000200007F:0017', '01', 2),
  ].join('');
  expect(
    readSocketTable(table, 'tcp', new Set(['1', '2'])).map(({ local, remote }) => [local, remote]),
  ).toEqual([
    ['[::1]:22', '[2001:db8::1]:22'],
    ['127.0.0.1:22', '127.0.0.2:23'],
  ]);
});

test('when this process listens and connects, the kernel shows both ends, and none of them afterwards', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;
  const client = connect(port, '127.0.0.1');
  const [accepted] = await once(server, 'connection');
  const { localPort } = client;
  const seen = readOwnSockets();
  expect(seen).toContainEqual({
    protocol: 'tcp',
    local: `127.0.0.1:${port}`,
    localPort: port,
    remote: null,
    state: 'listening',
  });
  expect(seen).toContainEqual({
    protocol: 'tcp',
    local: `127.0.0.1:${localPort}`,
    localPort,
    remote: `127.0.0.1:${port}`,
    state: 'established',
  });
  client.destroy();
  accepted.destroy();
  server.close();
  await once(server, 'close');
  const ports = readOwnSockets()?.map((socket) => socket.localPort);
  expect(ports).not.toContain(port);
  expect(ports).not.toContain(localPort);
});

test('when the system has no list of sockets, nothing is said to be seen', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-no-proc-'));
  try {
    expect(readOwnSockets(folder)).toBeNull();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
