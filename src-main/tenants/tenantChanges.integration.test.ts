import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TenantAction, TenantOutcome } from '../../src-shared/model/tenants/tenantPlan.ts';
import {
  consoleLog,
  startApplianceConsole,
  temporaryFiles,
  tenantState,
  type ApplianceConsole,
} from '../../test-support/applianceConsole.ts';
import { createCutTransport } from '../../test-support/cutTransport.ts';
import { filesHolding, secretLinesOf, sharedPlaces } from '../../test-support/filesHolding.ts';
import { makeKey } from '../../test-support/plainSshd.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { changeTenant } from '../../test-support/remoteNetworks.ts';
import { buildTenantCommand } from '../driver/tenantCommands.ts';
import { untilLogged } from '../../test-support/untilLogged.ts';
import { waitFor } from '../../test-support/waitFor.ts';

let appliance: StockBox;
let operator: ApplianceConsole;

beforeAll(async () => {
  appliance = await startStockBox();
  operator = await startApplianceConsole(appliance);
});
afterAll(async () => {
  await operator.stop();
  await appliance.stop();
});

const addDirectly = (clientId: string) => changeTenant(appliance, 'add', clientId);

/** Plans a change and applies it, like a user. */
async function applyChange(action: TenantAction, by: ApplianceConsole = operator): Promise<TenantOutcome> {
  const plan = await by.services.tenants.plan({ applianceId: by.entry.id, action });
  return by.services.tenants.apply({
    applianceId: by.entry.id,
    action,
    basis: plan.basis,
    reason: 'TICKET-7',
    typedName: plan.confirmName,
  });
}

test('changes the quota, suspends, resumes and removes as planned', async () => {
  const { ports } = await addDirectly('acme');
  const changed = await applyChange({ kind: 'change', clientId: 'acme', quota: 40 });
  expect(changed).toMatchObject({ state: 'done', code: null, tenant: { quota: 40 } });
  const wide = changed.tenant?.ports;
  expect(wide).toEqual([{ first: ports[0]?.first, last: (ports[0]?.last ?? 0) + 20 }]);
  const suspended = await applyChange({ kind: 'suspend', clientId: 'acme' });
  expect(suspended).toMatchObject({ state: 'done', tenant: { suspended: true, ports: wide } });
  expect(operator.services.tenants.quotaBefore(operator.entry.id, 'acme')).toBe(40);
  const resumed = await applyChange({ kind: 'resume', clientId: 'acme', quota: 40 });
  expect(resumed).toMatchObject({ state: 'done', tenant: { suspended: false, quota: 40, ports: wide } });
  const removed = await applyChange({ kind: 'remove', clientId: 'acme' });
  expect(removed).toMatchObject({ state: 'done', tenant: null, message: 'acme was removed.' });
  expect(operator.services.fleet.networks(operator.entry.id)).toEqual([]);
  expect(operator.services.tenants.quotaBefore(operator.entry.id, 'acme')).toBeNull();
  const { records } = operator.services.audit.list({ before: null, limit: 50, query: 'kiln/acme' });
  expect(records.map((record) => [record.event, record.result])).toEqual(
    ['remove', 'resume', 'suspend', 'change'].flatMap((kind) => [
      [`tenant.${kind}`, 'ok'],
      [`tenant.${kind}`, 'pending'],
    ]),
  );
  expect(records.every((record) => record.reason === 'TICKET-7')).toBe(true);
});

test('when another tenant changes, still knows the quota of a suspended one', async () => {
  await addDirectly('dormant');
  await addDirectly('lively');
  await applyChange({ kind: 'suspend', clientId: 'dormant' });
  const { services, entry } = operator;
  expect(services.tenants.quotaBefore(entry.id, 'dormant')).toBe(20);
  await applyChange({ kind: 'change', clientId: 'lively', quota: 25 });
  expect(services.tenants.quotaBefore(entry.id, 'dormant')).toBe(20);
});

test('when the appliance is locked while a change is checked, sends nothing', async () => {
  await addDirectly('guarded');
  const { services, entry } = operator;
  const action = { kind: 'suspend', clientId: 'guarded' } as const;
  const plan = await services.tenants.plan({ applianceId: entry.id, action });
  const applied = services.tenants.apply({
    applianceId: entry.id,
    action,
    basis: plan.basis,
    reason: 'TICKET-7',
    typedName: plan.confirmName,
  });
  const refusal = applied.catch((thrown: unknown) => thrown);
  await new Promise((resolve) => setImmediate(resolve));
  await services.appliances.setLock(entry.id, true);
  expect(await refusal).toMatchObject({ code: 'APPLIANCE_LOCKED' });
  await services.fleet.refresh([entry.id]);
  const guarded = services.fleet.networks(entry.id).find(({ clientId }) => clientId === 'guarded');
  expect(guarded).toMatchObject({ suspended: false });
  await services.appliances.setLock(entry.id, false);
  expect(await applyChange(action)).toMatchObject({ state: 'done', tenant: { suspended: true } });
});

test('says “1 port” in texts and in the syslog', async () => {
  await addDirectly('single');
  const { message } = await applyChange({ kind: 'change', clientId: 'single', quota: 1 });
  expect(message).toMatch(/^single now has 1 port: \d+\. It released \d+–\d+\.$/u);
  await waitFor('the line in the syslog', async () =>
    /changed single .*: quota 1, port \d+, released \d+–\d+, key/u.test(
      await readFile(appliance.syslogFile, 'utf8'),
    ),
  );
});

describe('a tenant with a key of its own', () => {
  test('gets the requested quota, and its key file is deleted', async () => {
    const key = makeKey(appliance.folder, 'globex');
    const action = {
      kind: 'add',
      clientId: 'globex',
      key: { from: 'given', publicKey: key.publicKey },
      quota: 30,
    } as const;
    const { services, entry } = operator;
    const plan = await services.tenants.plan({ applianceId: entry.id, action });
    expect(plan.commands.map((command) => command.text)).toEqual([
      'ke_manage_remote_networks add globex --pub-key PATH --unchanged-since none --json',
      'ke_manage_remote_networks change 30 globex --json',
    ]);
    expect(plan).toMatchObject({
      upload: { type: 'ssh-ed25519', fingerprint: key.fingerprint },
      before: null,
      basis: null,
      confirmName: null,
      runsAs: 'ubuntu, over sudo',
      undo: { possible: true, command: 'ke_manage_remote_networks remove globex' },
    });
    const outcome = await applyChange(action);
    expect(outcome).toMatchObject({
      state: 'done',
      fingerprint: key.fingerprint,
      privateKey: null,
      leftover: null,
      tenant: { quota: 30, ports: plan.after?.ports, keys: [{ fingerprint: key.fingerprint }] },
    });
    expect(await temporaryFiles(appliance)).toEqual([]);
    const { records } = services.audit.list({ before: null, limit: 10, query: 'tenant.add' });
    expect(records.map((record) => record.command)).toEqual(
      Array(2).fill(
        expect.stringMatching(
          /^ke_manage_remote_networks add globex --pub-key \/home\/ubuntu\/\.sallyport-[0-9a-f]{32}\.pub --unchanged-since none --json ; ke_manage_remote_networks change 30 globex --json$/u,
        ),
      ),
    );
  });
});

function givenKey(name: string) {
  const { publicKey } = makeKey(appliance.folder, name);
  return { from: 'given', publicKey } as const;
}

test('when rotated, keeps the old key for its overlap, or ends it at once', async () => {
  const added = await addDirectly('initech');
  const both = await applyChange({
    kind: 'rotate',
    clientId: 'initech',
    key: givenKey('initech-1'),
    overlapHours: 24,
  });
  expect(both).toMatchObject({ state: 'done', tenant: { keys: [{ expiresAt: null }, {}] } });
  expect(both.tenant?.keys[1]).toMatchObject({
    fingerprint: added.fingerprint,
    expiresAt: expect.any(String),
  });
  expect(both.message).toContain('Its old keys remain valid until');
  const one = await applyChange({
    kind: 'rotate',
    clientId: 'initech',
    key: givenKey('initech-2'),
    overlapHours: null,
  });
  expect(one.tenant?.keys).toMatchObject([{ fingerprint: one.fingerprint, expiresAt: null }]);
  expect(await temporaryFiles(appliance)).toEqual([]);
});

test('when the name is typed wrongly, changes and sends nothing', async () => {
  await addDirectly('umbrella');
  const { services, entry } = operator;
  const action = { kind: 'remove', clientId: 'umbrella' } as const;
  const state = await tenantState(appliance);
  const { basis, confirmName } = await services.tenants.plan({ applianceId: entry.id, action });
  expect(confirmName).toBe('umbrella');
  for (const typedName of ['umbrela', 'Umbrella', ' umbrella', '', null])
    await expect(
      services.tenants.apply({ applianceId: entry.id, action, basis, reason: 'x', typedName }),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect(await tenantState(appliance)).toBe(state);
  // The log keeps the order of lines.
  await appliance.logger('after the wrong names');
  await untilLogged(appliance, 'after the wrong names');
  const log = await readFile(appliance.syslogFile, 'utf8');
  expect(log).toContain('add umbrella');
  expect(log).not.toContain('remove umbrella');
  const { records } = services.audit.list({ before: null, limit: 20, query: 'kiln/umbrella' });
  expect(records.map((record) => record.errorCode)).toEqual(Array(5).fill('INVALID_INPUT'));
});

describe('two operators', () => {
  test('when another console has changed the tenant, rejects with CONFLICT and runs nothing', async () => {
    const second = await startApplianceConsole(appliance, { operator: 'bob' });
    try {
      await addDirectly('stark');
      const action = { kind: 'change', clientId: 'stark', quota: 25 } as const;
      const { services, entry } = second;
      const { basis } = await services.tenants.plan({ applianceId: entry.id, action });
      await applyChange({ kind: 'suspend', clientId: 'stark' });
      const state = await tenantState(appliance);
      await expect(
        services.tenants.apply({ applianceId: entry.id, action, basis, reason: 'x', typedName: null }),
      ).rejects.toMatchObject({ code: 'CONFLICT', detail: { changed: ['it was suspended'] } });
      expect(await tenantState(appliance)).toBe(state);
    } finally {
      await second.stop();
    }
  });

  test('when both act at the same time, the appliance accepts only one', async () => {
    const transport = createCutTransport();
    const second = await startApplianceConsole(appliance, { operator: 'bob', transport });
    try {
      await addDirectly('wayne');
      transport.cutPoints.beforeCommand = async () => {
        await appliance.ke(['ke_manage_remote_networks', 'change', '25', 'wayne']);
      };
      await expect(applyChange({ kind: 'suspend', clientId: 'wayne' }, second)).rejects.toMatchObject({
        code: 'CONFLICT',
        detail: { changed: expect.arrayContaining(['its quota went from 20 to 25']) },
      });
      expect(await tenantState(appliance)).toMatch(/"clientId": "wayne",\s*"quota": 25/u);
    } finally {
      await second.stop();
    }
  });
});

test('when a private key is generated, returns it once and stores it nowhere', async () => {
  const begun = Date.now();
  const { services, dataFolder } = operator;
  const key = { from: 'generated' } as const;
  const secret: string[] = [];
  const actions = [
    { kind: 'add', clientId: 'cyberdyne', key, quota: 25 },
    { kind: 'rotate', clientId: 'cyberdyne', key, overlapHours: 24 },
    { kind: 'rotate', clientId: 'cyberdyne', key, overlapHours: null },
  ] as const;
  for (const action of actions) {
    const outcome = await applyChange(action);
    expect(outcome.state).toBe('done');
    const lines = secretLinesOf(outcome.privateKey ?? '');
    expect(secret).not.toContain(lines[0]);
    secret.push(...lines);
  }
  // Write to the log, because the test later searches it for secrets.
  services.log.trace('three keys were made');
  expect(await readFile(consoleLog(dataFolder), 'utf8')).toContain('three keys were made');
  expect(
    await filesHolding(
      [dataFolder, appliance.folder, ...sharedPlaces, ...appliance.sharedPlaces],
      secret,
      begun,
    ),
  ).toEqual([]);
  for (const line of secret)
    expect(services.audit.list({ before: null, limit: 5, query: line }).total).toBe(0);
});

test('rejects invalid names and keys from any source, and changes nothing', async () => {
  const { services, entry } = operator;
  const state = await tenantState(appliance);
  const { publicKey } = makeKey(appliance.folder, 'hostile');
  const names = [
    'a\nb',
    "a'b",
    'a"b',
    '$(reboot)',
    '`id`',
    '-f',
    '--json',
    'a b',
    '',
    'a'.repeat(1024 * 1024),
  ];
  for (const clientId of names) {
    const key = { from: 'given', publicKey } as const;
    const action = { kind: 'add', clientId, key, quota: null } as const;
    await expect(services.tenants.plan({ applianceId: entry.id, action })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    expect(() => buildTenantCommand({ verb: 'change', quota: 5, clientId, unchangedSince: null })).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    );
  }
  const keys = [
    `command="sh" ${publicKey}`,
    `no-pty,permitopen="*:*" ${publicKey}`,
    `${publicKey}${publicKey}`,
    `${publicKey.trim()}\ncommand="sh"`,
    'ssh-ed25519 AAAA',
    `ssh-ed25519 ${'A'.repeat(1024 * 1024)}`,
    '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA',
  ];
  for (const text of keys) {
    const action = {
      kind: 'add',
      clientId: 'good',
      key: { from: 'given', publicKey: text },
      quota: null,
    } as const;
    await expect(services.tenants.plan({ applianceId: entry.id, action })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  }
  expect(await tenantState(appliance)).toBe(state);
  expect(await temporaryFiles(appliance)).toEqual([]);
});
