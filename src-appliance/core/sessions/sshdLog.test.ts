import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findEndReason, findRefusedLogins, readSshdLines } from './sshdLog.ts';

const now = Date.parse('2026-11-20T10:00:00Z');
const fingerprint = (letter: string) => `SHA256:${letter.repeat(43)}`;
let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sshd-log-'));
  path = join(folder, 'syslog');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function stamped(secondsAgo: number, message: string, program = 'sshd[812]'): string {
  return `${new Date(now - secondsAgo * 1000).toISOString()} quay ${program}: ${message}`;
}
const failed = (letter: string, port = 4711, address = '10.0.0.7') =>
  `Failed publickey for connect from ${address} port ${port} ssh2: ED25519 ${fingerprint(letter)}`;

async function refused(
  lines: readonly string[],
  formerKeys: { fingerprint: string; clientId: string }[] = [],
  keys: { fingerprint: string; clientId: string }[] = [],
) {
  await writeFile(path, lines.map((line) => `${line}\n`).join(''));
  return findRefusedLogins(await readSshdLines(path, now), { connectUser: 'connect', formerKeys, keys });
}

describe('refused logins', () => {
  it('are counted by key and address, newest first, with the last line', async () => {
    const last = stamped(10, failed('a', 3));
    const found = await refused(
      [stamped(50, failed('a', 1)), stamped(40, failed('b', 2, '2001:db8::1')), last],
      [{ fingerprint: fingerprint('b'), clientId: 'acme' }],
    );
    expect(found).toEqual([
      {
        fingerprint: fingerprint('a'),
        keyType: 'ED25519',
        peerAddress: '10.0.0.7',
        count: 2,
        lastAt: '2026-11-20T09:59:50.000Z',
        formerKeyOf: null,
        keyOf: null,
        line: last,
      },
      expect.objectContaining({ peerAddress: '2001:db8::1', count: 1, formerKeyOf: 'acme' }),
    ]);
  });

  it('name the present owner of the key rather than a former one', async () => {
    const key = { fingerprint: fingerprint('a') };
    const found = await refused(
      [stamped(5, failed('a'))],
      [{ ...key, clientId: 'globex' }],
      [{ ...key, clientId: 'acme' }],
    );
    expect(found).toMatchObject([{ keyOf: 'acme', formerKeyOf: null }]);
  });

  it.each([
    ['older than an hour', stamped(3601, failed('a'))],
    ['from the future', stamped(-120, failed('a'))],
    ['of another program', stamped(1, failed('a'), 'ke_api[1]')],
    ['of another program that mentions sshd', stamped(1, `sshd said ${failed('a')}`)],
    [
      'of an unknown user with a misleading name',
      stamped(1, failed('a').replace('for ', 'for invalid user ')),
    ],
    ['of the administrator', stamped(1, failed('a').replace('for connect', 'for ubuntu'))],
    ['with more text after the fingerprint', stamped(1, `${failed('a')}x`)],
    ['without a time', `sshd[1]: ${failed('a')}`],
    ['no text', '\u0000\ufffd sshd \u001b[2J'],
  ])('are not read from lines %s', async (_what, line) => {
    expect(await refused([line])).toEqual([]);
  });

  it('when the log contains a line twice, count once; when the log counts repeats, count each', async () => {
    const line = stamped(5, failed('a'));
    expect(await refused([line, line])).toMatchObject([{ count: 1 }]);
    expect(await refused([stamped(5, `message repeated 3 times: [ ${failed('a')}]`)])).toMatchObject([
      { count: 3 },
    ]);
  });

  it('when there are more than fifty, are the newest fifty', async () => {
    const lines = Array.from({ length: 400 }, (_, index) =>
      stamped(400 - index, failed('a', 1, `10.0.${Math.floor(index / 200)}.${index % 200}`)),
    );
    const found = await refused(lines);
    expect(found).toHaveLength(50);
    expect(found[0]?.peerAddress).toBe('10.0.1.199');
  });

  it('are read from a limited tail, and from the rotated file if the tail is short', async () => {
    await writeFile(`${path}.1`, `${stamped(20, failed('b'))}\n`);
    expect(await refused([stamped(10, failed('a'))])).toHaveLength(2);
    const filler = `${stamped(5, 'x'.repeat(1000), 'nginx')}\n`.repeat(600);
    await writeFile(path, `${stamped(10, failed('a'))}\n${filler}${stamped(1, failed('c'))}\n`);
    const lines = await readSshdLines(path, now);
    expect(lines.map(({ line }) => line)).toEqual([stamped(1, failed('c'))]);
  });

  it('when there is no log, are none', async () => {
    expect(await readSshdLines(join(folder, 'missing'), now)).toEqual([]);
    expect(await readSshdLines(folder, now)).toEqual([]);
  });
});

describe('how a connection ended', () => {
  const peer = { address: '10.0.0.7', port: 4711 };
  it.each([
    ['Timeout, client not responding from user connect 10.0.0.7 port 4711', 'the client stopped answering'],
    ['Received disconnect from 10.0.0.7 port 4711:11: disconnected by user', 'the client disconnected'],
    ['Connection reset by 10.0.0.7 port 4711', 'the connection was reset'],
    ['Connection closed by 10.0.0.7 port 4711', 'the client closed the connection without a message'],
    [
      'Read error from remote host 10.0.0.7 port 4711: Connection timed out',
      'the network connection was lost',
    ],
    ['Connection closed by 10.0.0.7 port 47110', null],
    ['Connection closed by 10.0.0.70 port 4711', null],
    ['Accepted publickey for connect from 10.0.0.7 port 4711 ssh2', null],
  ])('is read from %s', async (message, reason) => {
    await writeFile(path, `${stamped(3, message)}\n`);
    expect(findEndReason(await readSshdLines(path, now), peer)).toBe(reason);
  });
});
