import { afterEach, expect, test } from 'vitest';
import { AppError } from '../../../src-shared/errors.ts';
import { probeResultSchema } from '../../../src-shared/model/tunnels/probe.ts';
import { forwardSchema } from '../../../src-shared/model/tenants/remoteNetworks.ts';
import { aConnectedTenant } from '../../../test-support/aTenant.ts';
import { createConfirmation } from './confirm.ts';
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
    { status: 'fulfilled', value: false },
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
  await expect(confirmation.confirm('kiln', { ...own, failedAt: early }, closed(2200))).resolves.toBe(true);
  expect(asked).toBe(2);
});
