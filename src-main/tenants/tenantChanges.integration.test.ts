import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TenantAction, TenantOutcome } from '../../src-shared/model/tenantPlan.ts';
import { tenantChangeSchema } from '../../src-shared/model/remoteNetworks.ts';
import { startApplianceConsole, type ApplianceConsole } from '../../test-support/applianceConsole.ts';
import { startDebianAppliance, type DebianAppliance } from '../../test-support/debianSshd.ts';

let appliance: DebianAppliance;
let operator: ApplianceConsole;

beforeAll(async () => {
  appliance = await startDebianAppliance();
  operator = await startApplianceConsole(appliance);
});
afterAll(async () => {
  await operator.stop();
  await appliance.stop();
});

async function addDirectly(clientId: string) {
  const { stdout } = await appliance.ke(['ke_manage_remote_networks', 'add', clientId, '--json']);
  return tenantChangeSchema.parse(JSON.parse(stdout));
}

/** Looks at the plan, then does it, as a person would. */
async function carryOut(action: TenantAction, by: ApplianceConsole = operator): Promise<TenantOutcome> {
  const plan = await by.console.tenants.plan({ applianceId: by.entry.id, action });
  return by.console.tenants.apply({
    applianceId: by.entry.id,
    action,
    basis: plan.basis,
    reason: 'TICKET-7',
    typedName: plan.confirmName,
  });
}

test('quota, suspension, resumption and removal, each as planned', async () => {
  const { ports } = await addDirectly('acme');
  const changed = await carryOut({ kind: 'change', clientId: 'acme', quota: 40 });
  expect(changed).toMatchObject({ state: 'done', code: null, tenant: { quota: 40 } });
  const wide = changed.tenant?.ports;
  expect(wide).toEqual([{ first: ports[0]?.first, last: (ports[0]?.last ?? 0) + 20 }]);
  const suspended = await carryOut({ kind: 'suspend', clientId: 'acme' });
  expect(suspended).toMatchObject({ state: 'done', tenant: { suspended: true, ports: wide } });
  expect(operator.console.tenants.quotaBefore(operator.entry.id, 'acme')).toBe(40);
  const resumed = await carryOut({ kind: 'resume', clientId: 'acme', quota: 40 });
  expect(resumed).toMatchObject({ state: 'done', tenant: { suspended: false, quota: 40, ports: wide } });
  const removed = await carryOut({ kind: 'remove', clientId: 'acme' });
  expect(removed).toMatchObject({ state: 'done', tenant: null, message: 'acme was removed.' });
  expect(operator.console.fleet.networks(operator.entry.id)).toEqual([]);
  expect(operator.console.tenants.quotaBefore(operator.entry.id, 'acme')).toBeNull();
  const { records } = operator.console.audit.list({ before: null, limit: 50, query: 'kiln/acme' });
  expect(records.map((record) => [record.event, record.result])).toEqual(
    ['remove', 'resume', 'suspend', 'change'].flatMap((kind) => [
      [`tenant.${kind}`, 'ok'],
      [`tenant.${kind}`, 'pending'],
    ]),
  );
  expect(records.every((record) => record.reason === 'TICKET-7')).toBe(true);
});
