import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TenantAction, TenantOutcome } from '../../src-shared/model/tenantPlan.ts';
import { tenantChangeSchema } from '../../src-shared/model/remoteNetworks.ts';
import { startApplianceConsole, type ApplianceConsole } from '../../test-support/applianceConsole.ts';
import { makeKey } from '../../test-support/plainSshd.ts';
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

/** What lies in the log-in user's home of ours. */
async function temporaryFiles(): Promise<string[]> {
  const home = await readdir('/root');
  return home.filter((name) => name.startsWith('.sallyport-'));
}

describe('a tenant with a key of its own', () => {
  test('is added with the quota asked for, and its key does not stay behind as a file', async () => {
    const key = makeKey(appliance.folder, 'globex');
    const action = {
      kind: 'add',
      clientId: 'globex',
      key: { from: 'given', publicKey: key.publicKey },
      quota: 30,
    } as const;
    const { console, entry } = operator;
    const plan = await console.tenants.plan({ applianceId: entry.id, action });
    expect(plan.commands.map((command) => command.text)).toEqual([
      'ke_manage_remote_networks add globex --pub-key PATH --unchanged-since none --json',
      'ke_manage_remote_networks change 30 globex --json',
    ]);
    expect(plan).toMatchObject({
      upload: { type: 'ssh-ed25519', fingerprint: key.fingerprint },
      before: null,
      basis: null,
      confirmName: null,
      runsAs: 'root, without sudo',
      undo: { possible: true, command: 'ke_manage_remote_networks remove globex' },
    });
    const outcome = await carryOut(action);
    expect(outcome).toMatchObject({
      state: 'done',
      fingerprint: key.fingerprint,
      privateKey: null,
      leftover: null,
      tenant: { quota: 30, ports: plan.after?.ports, keys: [{ fingerprint: key.fingerprint }] },
    });
    expect(await temporaryFiles()).toEqual([]);
    const { records } = console.audit.list({ before: null, limit: 10, query: 'tenant.add' });
    expect(records.map((record) => record.command)).toEqual(
      Array(2).fill(
        expect.stringMatching(
          /^ke_manage_remote_networks add globex --pub-key \/root\/\.sallyport-[0-9a-f]{32}\.pub --unchanged-since none --json ; ke_manage_remote_networks change 30 globex --json$/u,
        ),
      ),
    );
  });
});
