import { expect, test } from 'vitest';
import { AppError } from '../../src-shared/errors.ts';
import { applianceEntrySchema } from '../../src-shared/model/applianceEntry.ts';
import { remoteNetworksSchema } from '../../src-shared/model/remoteNetworks.ts';
import type { TenantAction } from '../../src-shared/model/tenantPlan.ts';
import { assertNameTyped, preparePlan } from './plan.ts';

const at = '2026-11-20T09:00:00.000Z';
const entry = applianceEntrySchema.parse({
  id: '6b8d9a4e-7c1f-4a62-9d3b-5e0f1c2a3b4c',
  name: 'kiln',
  target: {
    host: 'kiln.test',
    port: 22,
    user: 'root',
    authentication: { agent: true, keyFile: null, password: false, keyboardInteractive: false },
  },
  jumps: [],
  sudo: 'none',
  group: '',
  cluster: '',
  description: '',
  createdAt: at,
});

function planFor(action: TenantAction, tenant: { isConnected?: boolean; suspended?: boolean } = {}) {
  const session = {
    pid: 1000,
    kind: 'plain',
    peerAddress: null,
    peerPort: null,
    since: at,
    keyFingerprint: null,
    connectVersion: null,
    lastHeartbeatAt: null,
    silentSince: null,
  };
  const networks = remoteNetworksSchema.parse({
    contract: 1,
    portRange: { first: 2200, last: 5199 },
    tenants: [
      {
        clientId: 'acme',
        quota: 20,
        suspended: tenant.suspended ?? false,
        ports: [{ first: 2200, last: 2219 }],
        keys: [],
        createdAt: at,
        changedAt: at,
        sessions: tenant.isConnected === true ? [session] : [],
        forwards: [],
        lastSession: null,
      },
    ],
  });
  const surroundings = {
    applianceName: 'kiln',
    now: Date.parse(at),
    licence: null,
    cluster: null,
    keyElsewhere: () => [],
  };
  return preparePlan({ entry, networks, observedAt: at, action, surroundings }).plan;
}

function isRefused(check: () => void): boolean {
  try {
    check();
    return false;
  } catch (thrown) {
    return thrown instanceof AppError && thrown.code === 'INVALID_INPUT';
  }
}

const rotate = (overlapHours: number | null) =>
  ({ kind: 'rotate', clientId: 'acme', key: { from: 'generated' }, overlapHours }) as const;

test.each<[TenantAction, { isConnected: boolean }, string | null]>([
  [{ kind: 'remove', clientId: 'acme' }, { isConnected: false }, 'acme'],
  [rotate(null), { isConnected: true }, 'acme'],
  [rotate(null), { isConnected: false }, null],
  [rotate(24), { isConnected: true }, null],
  [{ kind: 'suspend', clientId: 'acme' }, { isConnected: true }, null],
])('the name is asked for where somebody is cut off for good: %j of %j', (action, tenant, confirmName) => {
  const plan = planFor(action, tenant);
  expect(plan.confirmName).toBe(confirmName);
  for (const typed of ['acm', 'Acme', '', null]) {
    const check = () => assertNameTyped(plan, typed);
    const ended = confirmName === null ? 'passes' : 'is refused';
    expect(isRefused(check) ? 'is refused' : 'passes').toBe(ended);
  }
});

test.each<[TenantAction, boolean]>([
  [{ kind: 'change', clientId: 'acme', quota: 20 }, false],
  [{ kind: 'suspend', clientId: 'acme' }, true],
  [{ kind: 'resume', clientId: 'acme', quota: 20 }, false],
])('what is so already is told apart from what can not be: %j', (action, suspended) => {
  expect(() => planFor(action, { suspended })).toThrow(expect.objectContaining({ code: 'ALREADY_EXISTS' }));
});
