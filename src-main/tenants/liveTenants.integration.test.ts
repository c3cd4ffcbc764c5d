import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { TenantAction, TenantOutcome } from '../../src-shared/model/tenants/tenantPlan.ts';
import {
  startApplianceConsole,
  tenantState,
  type ApplianceConsole,
} from '../../test-support/applianceConsole.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { makeKey } from '../../test-support/plainSshd.ts';
import { filesHolding } from '../../test-support/filesHolding.ts';
import { openRegistrar } from '../../test-support/registrarClient.ts';
import { changeTenant } from '../../test-support/remoteNetworks.ts';
import {
  startShoutingService,
  startTenantClient,
  writeKey,
  type TenantClient,
} from '../../test-support/tenantClient.ts';
import { waitFor } from '../../test-support/waitFor.ts';

let appliance: StockBox;
let operator: ApplianceConsole;
let service: Awaited<ReturnType<typeof startShoutingService>>;
const clients: TenantClient[] = [];

beforeAll(async () => {
  appliance = await startStockBox({
    clientAlive: { intervalSeconds: 1, countMax: 60 },
  });
  operator = await startApplianceConsole(appliance);
  service = await startShoutingService();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.stop();
});
afterAll(async () => {
  await service.stop();
  await operator.stop();
  await appliance.stop();
});

async function addTenant(clientId: string): Promise<{ keyFile: string; port: number }> {
  const { ports, privateKey } = await changeTenant(appliance, 'add', clientId);
  return { keyFile: await writeKey(appliance, privateKey ?? ''), port: ports[0]?.first ?? 0 };
}

/** Starts a stock client and waits until its tunnel works. */
async function connectClient({ keyFile, port }: { keyFile: string; port: number }): Promise<TenantClient> {
  const forward = ['-N', '-T', '-R', `127.0.0.1:${port}:127.0.0.1:${service.port}`];
  const client = startTenantClient(appliance, { keyFile, options: forward });
  clients.push(client);
  await waitFor(
    'the tunnel carries traffic',
    async () => (await appliance.ask(port, 'through\n')) === 'THROUGH\n',
  );
  return client;
}

async function listed(clientId: string): Promise<Tenant | undefined> {
  const { tenants } = await operator.services.links.of(operator.entry.id).driver.remoteNetworks();
  return tenants.find((tenant) => tenant.clientId === clientId);
}

async function applyChange(action: TenantAction): Promise<TenantOutcome> {
  const { services, entry } = operator;
  const applianceId = entry.id;
  const { basis, confirmName } = await services.tenants.plan({ applianceId, action });
  return services.tenants.apply({ applianceId, action, basis, reason: 'OPS-1', typedName: confirmName });
}

describe('a tenant with a live tunnel', () => {
  test('whose client is stopped: releases only that listener, and it reconnects', async () => {
    const acme = await addTenant('acme');
    const globex = await addTenant('globex');
    const client = await connectClient(acme);
    const neighbour = await connectClient(globex);
    const { services, entry } = operator;
    services.links.connect(entry.id);
    await services.links.waitUntilSettled(entry.id, 120_000);
    const { port } = acme;
    const held =
      (await listed('acme'))?.forwards.find((forward) => forward.port === port)?.listener?.pid ?? 0;
    const release = { kind: 'release', clientId: 'acme', port, pid: held } as const;
    await expect(services.tenants.plan({ applianceId: entry.id, action: release })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('belongs to a live session'),
    });
    client.process.kill('SIGSTOP');
    await waitFor('it is silent', async () => (await listed('acme'))?.sessions[0]?.silentSince != null);
    const plan = await services.tenants.plan({ applianceId: entry.id, action: release });
    expect(plan.ends).toMatchObject([{ clientId: 'acme', port }]);
    expect(await applyChange(release)).toMatchObject({
      state: 'done',
      code: null,
      endedSessions: 1,
      message: `Process ${held} was ended; port ${port} is free.`,
    });
    expect(await listed('acme')).toMatchObject({ sessions: [], forwards: [] });
    expect(await appliance.ask(globex.port, 'there\n')).toBe('THERE\n');
    expect(neighbour.process.exitCode).toBeNull();
    await client.stop();
    await connectClient(acme);
    await expect(applyChange(release)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(await appliance.ask(port, 'still\n')).toBe('STILL\n');
  });

  test('when suspended and resumed, is on the same port', async () => {
    const initech = await addTenant('initech');
    const client = await connectClient(initech);
    const before = (await listed('initech'))?.ports;
    const suspended = await applyChange({ kind: 'suspend', clientId: 'initech' });
    expect(suspended).toMatchObject({ state: 'done', endedSessions: 1, tenant: { suspended: true } });
    expect(await client.ended).not.toBe(0);
    expect(await appliance.ask(initech.port, 'gone\n')).toBeNull();
    const forward = ['-N', '-T', '-R', `127.0.0.1:${initech.port}:127.0.0.1:${service.port}`];
    const barred = startTenantClient(appliance, { keyFile: initech.keyFile, options: forward });
    expect(await barred.ended).not.toBe(0);
    expect(barred.stderr()).toContain('Permission denied');
    const resumed = await applyChange({ kind: 'resume', clientId: 'initech', quota: 20 });
    expect(resumed).toMatchObject({ state: 'done', tenant: { suspended: false, ports: before } });
    await connectClient(initech);
  });
});

const givenKey = (name: string) => makeKey(appliance.folder, name).publicKey;

/** Adds a tenant as a row of a CSV file does: without a plan. */
function addRow(clientId: string, keyName = clientId): Promise<TenantOutcome> {
  const { services, entry } = operator;
  const key = { from: 'given', publicKey: givenKey(keyName) } as const;
  const action = { kind: 'add', clientId, key, quota: null } as const;
  return services.tenants.apply({
    applianceId: entry.id,
    action,
    basis: null,
    reason: 'OPS-1',
    typedName: null,
  });
}

describe('the keys of repository groups', () => {
  const reason = 'INC-7';

  test('are listed masked, shown with an audit record, rotated, and found nowhere in the console', async () => {
    const since = Date.now();
    const group = '-f R & D’s "files"';
    const client = await announceGroup('vault', group);
    const { services, entry, dataFolder } = operator;
    const tenant = { applianceId: entry.id, clientId: 'vault' };
    expect(await services.groupKeys.list(tenant)).toMatchObject([{ group, rotatedAt: null }]);
    const key = await services.groupKeys.show({ ...tenant, group });
    const verify = (presented: string) =>
      appliance.ke(['ke_manage_remote_networks', 'group-key', 'verify', '--', 'vault', group], {
        stdin: presented,
      });
    expect((await verify(key)).exitCode).toBe(0);
    const rotated = await services.groupKeys.rotate({ ...tenant, group, overlapHours: 2, reason });
    expect(Date.parse(rotated.previousUntil ?? '')).toBeGreaterThan(Date.now());
    const next = await services.groupKeys.show({ ...tenant, group });
    expect(next).not.toBe(key);
    for (const accepted of [key, next]) expect((await verify(accepted)).exitCode).toBe(0);
    await services.groupKeys.rotate({ ...tenant, group, overlapHours: 0, reason });
    expect((await verify(next)).exitCode).toBe(7);
    const { records } = services.audit.list({ before: null, limit: 20, query: 'groupKey' });
    expect(records.toReversed().map(({ event, phase, result }) => `${event} ${phase} ${result}`)).toEqual([
      'groupKey.show intent pending',
      'groupKey.show outcome ok',
      'groupKey.rotate intent pending',
      'groupKey.rotate outcome ok',
      'groupKey.show intent pending',
      'groupKey.show outcome ok',
      'groupKey.rotate intent pending',
      'groupKey.rotate outcome ok',
    ]);
    expect(await filesHolding([dataFolder], [key, next], since)).toEqual([]);
    client.kill();
  });

  test('of an unknown group and of a locked appliance are refused', async () => {
    const { services, entry } = operator;
    const place = { applianceId: entry.id, clientId: 'vault', group: 'none' };
    await expect(services.groupKeys.show(place)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    services.inventory.setLock(entry.id, true);
    await expect(services.groupKeys.rotate({ ...place, overlapHours: 0, reason })).rejects.toMatchObject({
      code: 'APPLIANCE_LOCKED',
    });
    services.inventory.setLock(entry.id, false);
  });
});

test('rejects a row whose tenant exists with ALREADY_EXISTS, and records the attempt', async () => {
  const { services, entry } = operator;
  expect(await addRow('bulk-1')).toMatchObject({ state: 'done' });
  const state = await tenantState(appliance);
  await expect(addRow('bulk-1', 'bulk-1-again')).rejects.toMatchObject({
    code: 'ALREADY_EXISTS',
    message: expect.stringMatching(
      /^bulk-1 already exists on the appliance; it was added at .*\. Nothing was changed\./u,
    ),
  });
  expect(await tenantState(appliance)).toBe(state);
  const { records } = services.audit.list({ before: null, limit: 10, query: 'kiln/bulk-1' });
  expect(records.map(({ result, errorCode }) => [result, errorCode])).toEqual([
    ['failed', 'ALREADY_EXISTS'],
    ['ok', null],
    ['pending', null],
  ]);
  expect(services.fleet.networks(entry.id).map(({ clientId }) => clientId)).toContain('bulk-1');
});

test('when a change ends, its result is known without another poll', async () => {
  const { services, entry } = operator;
  const refresh = vi.spyOn(services.fleet, 'refresh');
  expect(await addRow('bulk-2')).toMatchObject({ state: 'done' });
  expect(services.fleet.networks(entry.id).map(({ clientId }) => clientId)).toContain('bulk-2');
  expect(refresh).not.toHaveBeenCalled();
  refresh.mockRestore();
});

test('when the appliance has no SFTP, rejects with UPLOAD_FAILED and changes nothing', async () => {
  const configuration = await readFile(appliance.sshdConfigFile, 'utf8');
  await writeFile(appliance.sshdConfigFile, configuration.replace(/^Subsystem\s+sftp\s.*$/mu, ''));
  await appliance.restartSshd();
  const state = await tenantState(appliance);
  const action = {
    kind: 'add',
    clientId: 'no-sftp',
    key: { from: 'given', publicKey: givenKey('no-sftp') },
    quota: null,
  } as const;
  const { services, entry } = operator;
  services.links.disconnect(entry.id);
  services.links.connect(entry.id);
  await expect(applyChange(action)).rejects.toMatchObject({
    code: 'UPLOAD_FAILED',
    message: expect.stringContaining('SFTP could not be opened'),
  });
  expect(await tenantState(appliance)).toBe(state);
  const { records } = services.audit.list({ before: null, limit: 10, query: 'kiln/no-sftp' });
  expect(records).toMatchObject([{ event: 'tenant.add', result: 'failed', errorCode: 'UPLOAD_FAILED' }]);
  await writeFile(appliance.sshdConfigFile, configuration);
});

/** Announces a repository as Connect does. */
async function announceGroup(clientId: string, group: string): Promise<{ kill: () => void }> {
  const { keyFile, port } = await addTenant(clientId);
  const { client, send, receive } = await openRegistrar(appliance, keyFile);
  send({ type: 'hello', connectVersion: '1.2.3' });
  send({ type: 'announce', forwards: [{ port, group, repository: 'r', uri: 'smb://nas:445' }] });
  expect(await receive()).toEqual({ type: 'accepted' });
  return { kill: () => client.kill('SIGKILL') };
}
