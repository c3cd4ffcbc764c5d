import { expect, test } from 'vitest';
import { AppError } from '../../src-shared/errors.ts';
import type { RemoteNetworks } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { TenantAction } from '../../src-shared/model/tenants/tenantPlan.ts';
import { aConnectedTenant, aTenant } from '../../test-support/aTenant.ts';
import { anEntry } from '../../test-support/anEntry.ts';
import { planContextSample } from '../../test-support/planContextSample.ts';
import { assertNameTyped, preparePlan } from './plan.ts';

const at = '2026-11-20T09:00:00.000Z';
const entry = anEntry('kiln');

function planFor(action: TenantAction, state: { isConnected?: boolean; suspended?: boolean } = {}) {
  const { isConnected = false, suspended = false } = state;
  const tenant = isConnected
    ? aConnectedTenant('acme', [2200], { suspended })
    : aTenant('acme', { suspended });
  const networks: RemoteNetworks = {
    contract: 1,
    portRange: { first: 2200, last: 5199 },
    tenants: [tenant],
    refusedLogIns: [],
  };
  const planContext = planContextSample(Date.parse(at));
  return preparePlan({ entry, networks, observedAt: at, action, planContext }).plan;
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
])(
  'when a customer is disconnected permanently, requires the name: %j of %j',
  (action, tenant, confirmName) => {
    const plan = planFor(action, tenant);
    expect(plan.confirmName).toBe(confirmName);
    for (const typed of ['acm', 'Acme', '', null]) {
      const check = () => assertNameTyped(plan, typed);
      const ended = confirmName === null ? 'passes' : 'is refused';
      expect(isRefused(check) ? 'is refused' : 'passes').toBe(ended);
    }
  },
);

test.each<[TenantAction, boolean]>([
  [{ kind: 'change', clientId: 'acme', quota: 20 }, false],
  [{ kind: 'suspend', clientId: 'acme' }, true],
  [{ kind: 'resume', clientId: 'acme', quota: 20 }, false],
])('distinguishes a change that is already made from an impossible one: %j', (action, suspended) => {
  expect(() => planFor(action, { suspended })).toThrow(expect.objectContaining({ code: 'ALREADY_EXISTS' }));
});
