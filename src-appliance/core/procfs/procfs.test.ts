import { createServer } from 'node:net';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseStat, parseTcp, readProcesses, readSocketInodes, readStat, readTcpSockets } from './procfs.ts';

const rest = '1 1 0 -1 4194560 1 1 0 0 0 0 0 0 20 0 1 0 98765 1 1';

describe('parseStat', () => {
  it('when the name contains spaces and parentheses, finds the fields after it', () => {
    expect(parseStat(`4242 (a) S 1 (x) S 17 ${rest}`)).toEqual({
      pid: 4242,
      parent: 17,
      name: 'a) S 1 (x',
      startTicks: 98765,
      isStopped: false,
    });
  });

  it('recognizes a stopped process, and returns null for a zombie', () => {
    expect(parseStat(`1 (a) T 1 ${rest}`)?.isStopped).toBe(true);
    expect(parseStat(`1 (a) Z 1 ${rest}`)).toBeNull();
    expect(parseStat('')).toBeNull();
  });
});

describe('parseTcp', () => {
  it('reads IPv4, IPv6 and IPv4-mapped addresses', () => {
    const text = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:0898 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 111 1 0',
      '   1: 00000000000000000000000001000000:0899 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 112 1',
      '   2: 0000000000000000FFFF00000100007F:0016 0000000000000000FFFF00000500000A:C350 01 0:0 00:0 0 0 0 113 1',
      '',
    ].join('\n');
    expect(parseTcp(text)).toMatchObject([
      { localAddress: '127.0.0.1', localPort: 2200, state: 'listening', inode: '111' },
      { localAddress: '::1', localPort: 2201, state: 'listening', inode: '112' },
      { localAddress: '127.0.0.1', remoteAddress: '10.0.0.5', remotePort: 50000, state: 'established' },
    ]);
  });
});

describe('/proc of this machine', () => {
  it('distinguishes an ended process from one that cannot be read', async () => {
    expect(await readStat(2 ** 22 + 1)).toBeNull();
    const folder = await mkdtemp(join(tmpdir(), 'proc-'));
    await mkdir(join(folder, '7/stat'), { recursive: true });
    await expect(readStat(7, folder)).rejects.toThrow('EISDIR');
    await rm(folder, { recursive: true });
  });

  it('shows this process and its listening socket', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const socket = (await readTcpSockets()).find(
      (one) => typeof address === 'object' && one.localPort === address?.port,
    );
    expect(socket).toMatchObject({ localAddress: '127.0.0.1', state: 'listening' });
    expect(await readSocketInodes(process.pid)).toContain(socket?.inode);
    const me = (await readProcesses()).find((one) => one.pid === process.pid);
    expect(me?.parent).toBe(process.ppid);
    server.close();
  });
});
