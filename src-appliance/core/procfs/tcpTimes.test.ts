import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { waitFor } from '../../../test-support/waitFor.ts';
import { readSocketInodes } from './procfs.ts';
import { parseTcpTimes, readTcpTimes, findSilentSince } from './tcpTimes.ts';

const line = (sendQueue: number, more: string) =>
  `0      ${sendQueue}   198.18.0.1:22 198.18.0.2:43039 ino:7 sk:19ad <->\n\t ts sack rto:208${more} lastsnd:32 lastrcv:36\n`;

describe('findSilentSince', () => {
  const now = Date.parse('2026-11-20T10:00:00.000Z');
  it.each([
    ['just heard', { lastSentMs: 10, lastReceivedMs: 5 }, null],
    ['asked, not yet answered', { lastSentMs: 20, lastReceivedMs: 5_020 }, null],
    ['asked twice without an answer', { lastSentMs: 0, lastReceivedMs: 10_000 }, '2026-11-20T10:00:00.000Z'],
    ['long without an answer', { lastSentMs: 3_000, lastReceivedMs: 18_000 }, '2026-11-20T09:59:52.000Z'],
    // The server sent no keep-alive, so the client has nothing to answer.
    ['idle, never asked', { lastSentMs: 60_000, lastReceivedMs: 60_010 }, null],
    ['the last to send data', { lastSentMs: 60_010, lastReceivedMs: 60_000 }, null],
  ])('when a client was %s', (_what, times, since) => {
    expect(findSilentSince(times, 5, now)).toBe(since);
  });
});

describe('the times of a connection', () => {
  it('agree with the kernel', async () => {
    const server = createServer((socket) => socket.write('hello'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const client = connect(port, '127.0.0.1');
    await once(client, 'data');
    await waitFor('the kernel counts on', async () => {
      const [times] = [...(await readTcpTimes(new Set([port]))).values()];
      return times !== undefined && times.lastSentMs >= 50 && times.lastReceivedMs >= 50;
    });
    const own = await readSocketInodes(process.pid);
    const inodes = [...(await readTcpTimes(new Set([port]))).keys()];
    expect(inodes).toHaveLength(1);
    expect(own.has(inodes[0] ?? '')).toBe(true);
    client.destroy();
    server.close();
  });

  it('when there are no ports or the output is not from ss, are empty', async () => {
    expect(await readTcpTimes(new Set())).toEqual(new Map());
    expect(parseTcpTimes('ss: no such thing\n\t rto:204 lastsnd:5\n')).toEqual(new Map());
  });

  it.each([
    ['nothing waits', line(0, ''), 'clear'],
    ['data is on its way', line(16, ' unacked:1'), 'pending'],
    ['one packet is repeated', line(16, ' backoff:1 unacked:1 lost:1'), 'pending'],
    ['packets are repeated without an acknowledgement', line(4164, ' backoff:2 unacked:1 lost:1'), 'stalled'],
    ['they have been for long', line(4300, ' backoff:12 notsent:4300'), 'stalled'],
    ['all was acknowledged since', line(0, ' backoff:3'), 'clear'],
  ])('when %s, show the sending: %#', (_when, text, sending) => {
    expect(parseTcpTimes(text).get('7')).toEqual({ lastSentMs: 32, lastReceivedMs: 36, sending });
  });
});
