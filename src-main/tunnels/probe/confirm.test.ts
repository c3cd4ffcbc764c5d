import { afterEach, describe, expect, test } from 'vitest';
import { AppError } from '../../../src-shared/errors.ts';
import { probeResultSchema } from '../../../src-shared/model/tunnels/probe.ts';
import { forwardSchema, type TenantSession } from '../../../src-shared/model/tenants/remoteNetworks.ts';
import { aConnectedTenant, aTenant } from '../../../test-support/aTenant.ts';
import { createConfirmation, proveResult } from './confirm.ts';
import type { ProbeTarget } from './targets.ts';

const target = (port: number): ProbeTarget => ({
  clientId: 'acme',
  port,
  uri: 'smb://files.lan:445',
  sessionPid: 7,
  heartbeat: null,
});
const closed = (port: number, uri = 'smb://files.lan:445') =>
  probeResultSchema.parse({
    at: '2026-11-20T09:00:00.000Z',
    port,
    uri,
    sessionPid: 7,
    forward: { outcome: 'opened', milliseconds: 1 },
    service: { outcome: 'closed', milliseconds: 1, stage: 'start' },
  });

let confirmation: ReturnType<typeof createConfirmation> | null = null;
afterEach(() => confirmation?.close());

test('when an appliance can’t be asked, no caller waits forever, and the next one asks again', async () => {
  let asked = 0;
  confirmation = createConfirmation({
    tenants: () => [],
    observe: () => {
      asked += 1;
      return Promise.reject(new AppError('NOT_FOUND', 'it was removed'));
    },
    isConnected: () => true,
  });
  const { confirm } = confirmation;
  const both = () =>
    Promise.allSettled([2200, 2201].map((port) => confirm('kiln', target(port), closed(port))));
  const told = await both();
  expect(told).toMatchObject([
    { status: 'rejected', reason: { code: 'NOT_FOUND' } },
    { status: 'fulfilled', value: null },
  ]);
  await both();
  expect(asked).toBe(2);
});

test('can store a result of the longest destination that an appliance may list', () => {
  const uri = `webdav+http://files.lan:80/${'x'.repeat(2048)}`.slice(0, 2048);
  expect(forwardSchema.shape.uri.parse(uri)).toBe(uri);
  expect(closed(2200, uri).uri).toBe(uri);
});

const listed = (at: string) => {
  const tenant = aConnectedTenant('acme', [2200]);
  const dialFailure = { at, reason: 'name', message: 'ENOTFOUND' } as const;
  return [{ ...tenant, forwards: tenant.forwards.map((forward) => ({ ...forward, dialFailure })) }];
};

test('when Connect has failed at this port before, waits for its report about this connection', async () => {
  const own = { ...target(2200), uri: 'smb://10.0.0.1:2200', sessionPid: 2200 };
  const [early, late] = ['2026-11-20T08:59:00.000Z', '2026-11-20T09:00:01.000Z'] as const;
  let tenants = listed(early);
  let asked = 0;
  confirmation = createConfirmation({
    tenants: () => tenants,
    observe: async () => {
      asked += 1;
      tenants = listed(asked < 2 ? early : late);
    },
    isConnected: () => true,
  });
  await expect(
    confirmation.confirm('kiln', { ...own, failedAt: early }, closed(2200)),
  ).resolves.toMatchObject({
    failedAt: late,
  });
  expect(asked).toBe(2);
});

const silent = probeResultSchema.parse({
  ...closed(2200, 'smb://10.0.0.1:2200'),
  service: { outcome: 'silent', milliseconds: 10_000, stage: 'protocol' },
});
const stuck = probeResultSchema.parse({
  ...silent,
  forward: { outcome: 'large-lost', sentBytes: 4000, openMilliseconds: 2, milliseconds: 9_000 },
  service: null,
});

const listedWith = (changes: Partial<TenantSession>) => {
  const tenant = aConnectedTenant('acme', [2200]);
  return [{ ...tenant, sessions: tenant.sessions.map((session) => ({ ...session, ...changes })) }];
};

const second = (seconds: number) => `2026-11-20T09:00:0${seconds}.000Z`;

describe('silence in a test', () => {
  const alive = (seconds: number, sending: Partial<TenantSession> = {}) =>
    listedWith({ lastHeartbeatAt: second(seconds), ...sending });
  const [clear, stalled] = [{ isSendingStalled: false }, { isSendingStalled: true }];
  const pending = { isSendingPending: true };
  const gone = [aTenant('acme')];
  const ended = listedWith({ lastHeartbeatAt: second(1), silentSince: second(2) });

  test.each([
    ['the heartbeat changes only in the first list, during the test', [alive(1), alive(1), ended], null],
    ['the session ends', [alive(1), gone], null],
    ['the client falls silent', [ended], null],
    ['a heartbeat comes between two lists', [alive(1), alive(2, clear)], 'clear'],
    ['it comes, and nothing passes to the client', [alive(1, stalled), alive(2, stalled)], 'stalled'],
    [
      'it comes before the kernel has repeated enough, which then stalls',
      [alive(1, pending), alive(2, pending), alive(3, pending), alive(3, stalled)],
      'stalled',
    ],
    [
      'it comes before the client acknowledged all, and then it does',
      [alive(1, pending), alive(2, pending), alive(2, clear)],
      'clear',
    ],
    ['it comes from an older kit', [alive(1), alive(2)], 'unknown'],
  ])('when %s, proves no more than that', async (_when, lists, expected) => {
    let tenants = alive(0);
    confirmation = createConfirmation({
      tenants: () => tenants,
      observe: async () => void (tenants = lists.shift() ?? tenants),
      isConnected: () => true,
    });
    const own = { ...target(2200), uri: silent.uri, sessionPid: 2200, heartbeat: second(0) };
    const seen = await confirmation.confirm('kiln', own, silent);
    expect(seen === null ? null : seen.sending).toBe(expected);
  });

  test.each([
    ['no session is stalled', silent, 'clear', silent],
    ['an older kit doesn’t say it', silent, 'unknown', silent],
    ['the session is busy all the time', silent, 'pending', silent],
    ['the session is stalled', silent, 'stalled', null],
    ['a large request stalled the session', stuck, 'stalled', stuck],
    ['it is not known yet whether it did', stuck, 'pending', null],
    ['it may have, with an older kit', stuck, 'unknown', null],
  ] as const)('when %s, counts only as far as it is proven', (_when, result, sending, expected) => {
    expect(proveResult(result, { sending })).toEqual(expected);
  });

  test('when the session passes data after a large request, only the service is silent', () => {
    expect(proveResult(stuck, { sending: 'clear' })).toMatchObject({
      forward: { outcome: 'opened', milliseconds: 2 },
      service: { outcome: 'silent', milliseconds: 9_000 },
    });
  });
});
