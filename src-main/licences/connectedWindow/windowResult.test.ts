import { createServer, type Server } from 'node:net';
import { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '../../../src-shared/errors.ts';
import type { LicenceShowOutput } from '../../../src-shared/model/licence/licence.ts';
import { windowLimits } from '../../../src-shared/model/licence/connectedWindow.ts';
import { aLicence } from '../../../test-support/aLicence.ts';
import { createLoopbackServers } from '../../../test-support/loopbackServers.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import { warnAboutHost } from './authorityHost.ts';
import { createEgress } from './egress.ts';
import { findListeners } from './listeners.ts';
import { buildFinished, explainFailure, type WindowFacts } from './windowResult.ts';

const heading = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid';
const rest = '00000000:00000000 00:00000000 00000000     0        0 1';
const sessionThatPrints = (stdout: string) => ({
  run: () => Promise.resolve({ exitCode: 0, signal: null, stdout, stderr: '' }),
});

describe('the listeners of a port', () => {
  test.each([
    ['loopback only', ['0100007F:A1B2', '00000000:0016'], 'loopback'],
    ['IPv6 loopback', ['00000000000000000000000001000000:A1B2'], 'loopback'],
    ['all addresses', ['0100007F:A1B2', '00000000:A1B2'], 'beyond'],
    ['an address that ends like loopback', ['7F01A8C0:A1B2'], 'beyond'],
    ['all IPv6 addresses', ['00000000000000000000000000000000:A1B2'], 'beyond'],
    ['another port', ['0100007F:A1B3'], 'none'],
  ])('when %s listen, says so', async (_what, addresses, expected) => {
    const rows = addresses.map((address, index) => `   ${index}: ${address} 00000000:0000 0A ${rest}`);
    expect(await findListeners(sessionThatPrints([heading, ...rows].join('\n')), 0xa1b2)).toBe(expected);
  });

  test('when a connection uses the port but nothing listens on it, finds no listener', async () => {
    const row = `   0: 0100007F:A1B2 0100007F:0A0A 01 ${rest}`;
    expect(await findListeners(sessionThatPrints(`${heading}\n${row}`), 0xa1b2)).toBe('none');
  });

  test('when the appliance prints no table, rejects instead of saying that nothing listens', async () => {
    await expect(findListeners(sessionThatPrints(''), 1)).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
  });
});

/** The end of a forward here: `push` is what the appliance sends. */
const createChannel = () => new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });

test.each([
  ['licences.example.com', 0],
  ['203.0.113.9', 0],
  ['2001:db8::1', 0],
  ['localhost', 1],
  ['127.0.0.1', 1],
  ['10.1.2.3', 1],
  ['172.20.0.1', 1],
  ['169.254.169.254', 1],
  ['fd00::1', 1],
  ['intranet', 1],
  ['0x7f.1', 1],
  ['0177.0.0.1', 1],
  ['2130706433', 1],
  ['::ffff:127.0.0.1', 1],
  ['::ffff:10.1.2.3', 1],
  ['100.64.0.1', 1],
  ['authority.localhost', 1],
  ['172.32.0.1', 0],
  ['10.example.com', 0],
])('the authority %s gets %i warnings', (host, count) => {
  expect(warnAboutHost(host)).toHaveLength(count);
});

describe('the egress', () => {
  const servers = createLoopbackServers();
  let port: number;
  let server: Server;
  beforeAll(async () => {
    server = createServer((socket) => socket.pipe(socket));
    port = await servers.serve(server);
  });
  afterAll(() => servers.close());

  test('carries no more than the permitted bytes', async () => {
    let isFull = false;
    const egress = createEgress({
      target: { host: '127.0.0.1', port },
      onTooManyBytes: () => {
        isFull = true;
      },
    });
    const channel = createChannel();
    egress.take(channel);
    channel.push(Buffer.alloc(windowLimits.bytes / 2));
    await waitFor('half of the bytes', () => egress.counts().sentBytes === windowLimits.bytes / 2);
    channel.push(Buffer.alloc(windowLimits.bytes));
    await waitFor('too many bytes', () => isFull);
    expect(await egress.end()).toBe(0);
  });

  test('takes no connection after its end, and at most the permitted number at once', async () => {
    const egress = createEgress({ target: { host: '127.0.0.1', port }, onTooManyBytes: () => undefined });
    const channels = Array.from({ length: 6 }, createChannel);
    channels.forEach(egress.take);
    expect(egress.counts().connections).toBe(windowLimits.connections.open);
    expect(channels.filter(({ destroyed }) => destroyed)).toHaveLength(2);
    expect(await egress.end()).toBe(0);
    const late = createChannel();
    egress.take(late);
    expect(late.destroyed).toBe(true);
  });
});

describe('the result', () => {
  const before = aLicence({ sequence: 4, expiresAt: '2026-12-01T00:00:00.000Z' });
  const newer: LicenceShowOutput = { ...before, sequence: 5, expiresAt: '2027-12-01T00:00:00.000Z' };
  const facts: WindowFacts = {
    isDryRun: false,
    before,
    after: before,
    output: null,
    failure: null,
    restored: null,
  };
  const lost = new AppError('LINK_LOST', 'The link was lost.');
  const finish = (changes: Partial<WindowFacts>) => buildFinished({ ...facts, ...changes, tunnels: [] });

  test('when the link was lost but the licence is newer, the result is renewed, with the error of the link', () => {
    expect(finish({ after: newer, failure: lost })).toMatchObject({
      result: 'renewed',
      failure: { code: 'LINK_LOST' },
      installed: { sequence: 5 },
    });
  });

  test('when the link was lost and an earlier version is installed by now, it was not renewed', () => {
    const earlier = { ...before, sequence: 3, expiresAt: '2026-11-30T00:00:00.000Z' };
    expect(finish({ after: earlier, failure: lost })).toMatchObject({
      result: 'failed',
      failure: { code: 'LINK_LOST' },
      installed: { sequence: 3 },
    });
  });

  test('when the licence could not be read, the result is unknown', () => {
    expect(finish({ after: null, failure: lost })).toMatchObject({
      result: 'unknown',
      failure: { code: 'LINK_LOST', message: expect.stringContaining('not known which licence') },
      changes: [],
    });
  });

  test('when nothing changed, it has failed and lists no change', () => {
    expect(finish({ failure: lost })).toMatchObject({ result: 'failed', changes: [], losses: [] });
  });

  test.each([
    ['cancelled', null, 'CANCELLED'],
    ['time', null, 'WINDOW_LIMIT'],
    ['bytes', null, 'WINDOW_LIMIT'],
    ['link-lost', null, 'LINK_LOST'],
    [null, new AppError('AUTHORITY_UNREACHABLE', 'refused'), 'AUTHORITY_UNREACHABLE'],
    [null, null, 'COMMAND_FAILED'],
  ] as const)('when the window ended by %s, the reason is known', (early, problem, code) => {
    const command = new AppError('COMMAND_FAILED', 'socket hang up');
    const lent = { closedEarly: () => early, problem: () => problem };
    expect(explainFailure(command, lent, 60).code).toBe(code);
  });
});
