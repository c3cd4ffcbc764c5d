import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { TenantAction, TenantOutcome } from '../../src-shared/model/tenants/tenantPlan.ts';
import { signalAdminSessions } from '../../test-support/adminSessions.ts';
import {
  openConsoleLater,
  startApplianceConsole,
  temporaryFiles,
  tenantState,
  type ApplianceConsole,
} from '../../test-support/applianceConsole.ts';
import { createCutTransport } from '../../test-support/cutTransport.ts';
import { holdLock } from '../../test-support/holdLock.ts';
import { addAuthority } from '../../test-support/licenceSupply.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { makeKey } from '../../test-support/plainSshd.ts';
import { changeTenant, findTenant, listNetworks } from '../../test-support/remoteNetworks.ts';
import { startTenantClient, writeKey, type TenantClient } from '../../test-support/tenantClient.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { cliProgram } from '../../test-support/cliProgram.ts';

const run = promisify(execFile);
const transport = createCutTransport();
let appliance: StockBox;
let operator: ApplianceConsole;
let count = 0;
const clients: TenantClient[] = [];

beforeAll(async () => {
  appliance = await startStockBox({
    clientAlive: { intervalSeconds: 1, countMax: 60 },
  });
  operator = await startApplianceConsole(appliance, { transport });
});
afterAll(async () => {
  await operator.stop();
  await appliance.stop();
});
afterEach(async () => {
  // A test that failed leaves some.
  transport.clearCutPoints();
  for (const client of clients.splice(0)) await client.stop();
  // Connect again, because the delays between attempts grow with every cut.
  operator.services.links.disconnect(operator.entry.id);
  operator.services.links.connect(operator.entry.id);
  for (const tenant of (await listNetworks(appliance)).tenants)
    await appliance.ke(['ke_manage_remote_networks', 'remove', tenant.clientId]);
});

const tenantNow = async (clientId: string) => (await findTenant(appliance, clientId)) ?? null;

const cut = () => signalAdminSessions(appliance, 'SIGKILL');

/**
 * Lets the appliance make the next change, but pauses sshd before the answer is sent. `next` runs after the
 * change.
 */
function holdAnswer(next: () => Promise<void>, isDone?: () => Promise<boolean>): void {
  transport.cutPoints.beforeCommand = async () => {
    const letGo = await holdLock(appliance);
    transport.cutPoints.afterCommand = async () => {
      const before = await tenantState(appliance);
      await signalAdminSessions(appliance, 'SIGSTOP');
      await letGo();
      await waitFor('the change is made', isDone ?? (async () => (await tenantState(appliance)) !== before));
      await next();
    };
  };
}

async function applyChange(action: TenantAction): Promise<TenantOutcome> {
  const { services, entry } = operator;
  const plan = await services.tenants.plan({ applianceId: entry.id, action });
  const { basis, confirmName } = plan;
  return services.tenants.apply({
    applianceId: entry.id,
    action,
    basis,
    reason: 'TICKET-7',
    typedName: confirmName,
  });
}

function givenKey() {
  const { publicKey } = makeKey(appliance.folder, `key-${(count += 1)}`);
  return { from: 'given', publicKey } as const;
}

const generated = { from: 'generated' } as const;
const clientId = 'acme';
const changes: { name: string; before: 'absent' | 'there' | 'suspended'; action: () => TenantAction }[] = [
  { name: 'add', before: 'absent', action: () => ({ kind: 'add', clientId, key: givenKey(), quota: null }) },
  {
    name: 'add with a key made there',
    before: 'absent',
    action: () => ({ kind: 'add', clientId, key: generated, quota: null }),
  },
  {
    name: 'rotate',
    before: 'there',
    action: () => ({ kind: 'rotate', clientId, key: givenKey(), overlapHours: null }),
  },
  {
    name: 'rotate with an overlap',
    before: 'there',
    action: () => ({ kind: 'rotate', clientId, key: givenKey(), overlapHours: 24 }),
  },
  { name: 'change', before: 'there', action: () => ({ kind: 'change', clientId, quota: 33 }) },
  { name: 'suspend', before: 'there', action: () => ({ kind: 'suspend', clientId }) },
  { name: 'resume', before: 'suspended', action: () => ({ kind: 'resume', clientId, quota: 20 }) },
  { name: 'remove', before: 'there', action: () => ({ kind: 'remove', clientId }) },
];

async function arrange(before: 'absent' | 'there' | 'suspended'): Promise<void> {
  if (before === 'absent') return;
  await appliance.ke(['ke_manage_remote_networks', 'add', clientId]);
  if (before === 'suspended') await appliance.ke(['ke_manage_remote_networks', 'change', '0', clientId]);
}

/** Asserts that the outcome is what the appliance shows, and that no temporary file remains. */
async function expectKnown(outcome: TenantOutcome, before: Tenant | null): Promise<void> {
  const now = await tenantNow(clientId);
  expect(outcome.tenant?.changedAt ?? null).toBe(now?.changedAt ?? null);
  const isChanged = (now?.changedAt ?? null) !== (before?.changedAt ?? null);
  expect([outcome.message, outcome.state]).toEqual([outcome.message, isChanged ? 'done' : 'not-done']);
  await waitFor('no file is left', async () => (await temporaryFiles(appliance)).length === 0);
}

/** Makes a stock client silent. Resolves with the action that releases its port. */
async function staleListener(): Promise<Extract<TenantAction, { kind: 'release' }>> {
  const { ports, privateKey } = await changeTenant(appliance, 'add', clientId);
  const port = ports[0]?.first ?? 0;
  const options = ['-N', '-T', '-R', `127.0.0.1:${port}:127.0.0.1:9`];
  const client = startTenantClient(appliance, {
    keyFile: await writeKey(appliance, privateKey ?? ''),
    options,
  });
  clients.push(client);
  await waitFor('it listens', async () => (await tenantNow(clientId))?.forwards[0]?.listener != null);
  client.process.kill('SIGSTOP');
  await waitFor('it is silent', async () => (await tenantNow(clientId))?.sessions[0]?.silentSince != null);
  return { kind: 'release', clientId, port, pid: (await holderOf(port)) ?? 0 };
}

async function holderOf(port: number): Promise<number | null> {
  return (await tenantNow(clientId))?.forwards.find((one) => one.port === port)?.listener?.pid ?? null;
}

describe('a link that is cut', () => {
  test.each(changes)('before the answer of $name: done, and says so', async ({ before, action }) => {
    await arrange(before);
    const earlier = await tenantNow(clientId);
    holdAnswer(cut);
    const outcome = await applyChange(action());
    expect(outcome).toMatchObject({ state: 'done', code: null, privateKey: null, leftover: null });
    expect(outcome.message).toContain('The change was made nevertheless');
    await expectKnown(outcome, earlier);
  });

  test.each(changes)('at the moment $name starts: the outcome is correct', async ({ before, action }) => {
    await arrange(before);
    const earlier = await tenantNow(clientId);
    transport.cutPoints.afterCommand = cut;
    const outcome = await applyChange(action());
    expect(['done', 'not-done']).toContain(outcome.state);
    await expectKnown(outcome, earlier);
  });

  test('before the answer of release: done, and does not say what ended the process', async () => {
    const release = await staleListener();
    holdAnswer(cut, async () => (await holderOf(release.port)) === null);
    const outcome = await applyChange(release);
    expect(outcome).toMatchObject({ state: 'done', code: null, endedSessions: null, leftover: null });
    expect(outcome.message).toContain(`Process ${release.pid} is gone; port ${release.port} is free.`);
    expect(outcome.tenant?.forwards).toEqual([]);
  });

  test('at the moment release starts: the outcome is correct', async () => {
    const release = await staleListener();
    transport.cutPoints.afterCommand = cut;
    const outcome = await applyChange(release);
    const isGone = (await holderOf(release.port)) !== release.pid;
    expect([outcome.message, outcome.state]).toEqual([outcome.message, isGone ? 'done' : 'not-done']);
    // On a busy computer, the answer may arrive before the link is cut. Then the outcome says what ended the
    // process.
    const end = outcome.endedSessions === null ? 'is gone' : 'was ended';
    expect(outcome.message).toContain(isGone ? `Process ${release.pid} ${end}` : 'Nothing was changed');
  });

  test('while its command hangs on the appliance: waits, and is done when it continues', async () => {
    await arrange('there');
    const earlier = await tenantNow(clientId);
    const ours = ['-f', `^[^ ]*node .*ke_manage_remote_networks change 33 ${clientId} --unchanged-since`];
    const signal = (name: string) => run('pkill', [`-${name}`, ...ours]);
    // Without the lock, the command may be done before it is stopped.
    transport.cutPoints.beforeCommand = async () => {
      const letGo = await holdLock(appliance);
      transport.cutPoints.afterCommand = async () => {
        await waitFor('the command is stopped', () => signal('STOP').then(Boolean, () => false));
        await letGo();
        await cut();
      };
    };
    let looks = 0;
    transport.cutPoints.beforeRunningCheck = () => {
      looks += 1;
      transport.cutPoints.beforeRunningCheck = async () => {
        looks += 1;
        await signal('CONT');
      };
      // Cut the link again, so that the check gets no answer. That must not count as proof that the command
      // has ended.
      return cut();
    };
    const outcome = await applyChange({ kind: 'change', clientId, quota: 33 });
    expect({ looks, ...outcome }).toMatchObject({
      looks: 2,
      state: 'done',
      code: null,
      tenant: { quota: 33 },
    });
    await expectKnown(outcome, earlier);
  });

  test('before a command is sent: not done, and the file is deleted', async () => {
    transport.cutPoints.beforeCommand = cut;
    const outcome = await applyChange({ kind: 'add', clientId, key: givenKey(), quota: null });
    expect(outcome).toMatchObject({ state: 'not-done', tenant: null, leftover: null });
    expect(outcome.message).toContain('Nothing was changed');
    await expectKnown(outcome, null);
  });

  test.each(['beforeFile', 'afterFile'] as const)('%s: not done, and no file remains', async (moment) => {
    const modes: number[] = [];
    transport.cutPoints[moment] = async (path) => {
      if (moment === 'afterFile') modes.push((await stat(appliance.system.path(path))).mode & 0o777);
      await cut();
    };
    const outcome = await applyChange({ kind: 'add', clientId, key: givenKey(), quota: null });
    expect(outcome).toMatchObject({ state: 'not-done', tenant: null, leftover: null });
    expect(modes).toEqual(moment === 'afterFile' ? [0o600] : []);
    await expectKnown(outcome, null);
  });

  test('between the two commands of an addition: says which was done', async () => {
    transport.cutPoints.beforeCommand = () => {
      transport.cutPoints.beforeCommand = cut;
      return Promise.resolve();
    };
    const outcome = await applyChange({ kind: 'add', clientId, key: givenKey(), quota: 40 });
    expect(outcome).toMatchObject({
      state: 'partly',
      code: 'LINK_LOST',
      tenant: { clientId, quota: 20 },
      leftover: null,
    });
    expect(outcome.message).toContain('was added, but with 20 ports');
  });

  test('before the answer with a generated key: says that the key is lost', async () => {
    holdAnswer(cut);
    const outcome = await applyChange({ kind: 'add', clientId, key: generated, quota: null });
    expect(outcome).toMatchObject({ state: 'done', privateKey: null });
    expect(outcome.message).toContain('rotate the key');
  });

  test('and is not up in time: unknown, and resolved by the next answer', async () => {
    holdAnswer(() => appliance.stopSshd());
    const outcome = await applyChange({ kind: 'add', clientId, key: givenKey(), quota: null });
    expect(outcome).toMatchObject({
      state: 'unknown',
      tenant: null,
      leftover: expect.stringMatching(/^\/home\/ubuntu\/\.sallyport-[0-9a-f]{32}\.pub$/u),
    });
    expect(outcome.message).toContain('unknown whether acme was changed');
    expect(await temporaryFiles(appliance)).toHaveLength(1);
    await appliance.startSshd();
    const { services, entry } = operator;
    services.links.connect(entry.id);
    await waitFor('the file is gone', async () => (await temporaryFiles(appliance)).length === 0);
    await services.fleet.refresh([entry.id]);
    expect(services.fleet.networks(entry.id)).toMatchObject([{ clientId }]);
  });
});

test('when a console is killed, the next one deletes its file', async () => {
  const key = makeKey(appliance.folder, 'killed');
  const letGo = await holdLock(appliance);
  const words = ['tenant', 'add', 'kiln', clientId, '--pub-key', `${key.path}.pub`, '--reason', 'x', '--yes'];
  const killed = spawn(process.execPath, [cliProgram, '--data', operator.dataFolder, ...words], {
    stdio: 'ignore',
  });
  const ended = once(killed, 'exit');
  await waitFor('the file is there', async () => (await temporaryFiles(appliance)).length === 1);
  const [name = ''] = await temporaryFiles(appliance);
  expect((await stat(join(appliance.adminHome, name))).mode & 0o777).toBe(0o600);
  // Only this command's arguments contain the file name. Wait for it, because a command that has not started
  // would never run.
  await waitFor('the command waits for the lock', () =>
    run('pgrep', ['-f', `^[^ ]*node .*ke_.*${name}`]).then(Boolean, () => false),
  );
  killed.kill('SIGKILL');
  await ended;
  await letGo();
  await waitFor('the appliance did what it was told', async () => (await tenantNow(clientId)) !== null);
  expect(await temporaryFiles(appliance)).toEqual([name]);
  // The file remains for now, because another console could still use it.
  operator.services.links.disconnect(operator.entry.id);
  const later = openConsoleLater(operator.dataFolder, 5 * 60_000);
  try {
    later.links.connect(operator.entry.id);
    await waitFor('the file is gone', async () => (await temporaryFiles(appliance)).length === 0);
    expect((await later.audit.verify()).unfinished).toEqual([]);
    const { actions } = later.audit.actions({ before: null, limit: 20, query: '' });
    expect(actions.filter(({ outcome }) => outcome?.errorCode === 'OUTCOME_UNKNOWN')).toHaveLength(1);
  } finally {
    await later.close();
    operator.services.links.connect(operator.entry.id);
  }
});

const installed = () => readFile(join(appliance.config.stateFolder, 'licence.jws'), 'utf8').catch(() => '');

describe('a licence whose answer is sent while the link is cut', () => {
  async function readyTrip(): Promise<string> {
    const { licences } = operator.services;
    const sign = await addAuthority(appliance.config);
    const { trip, requestPayload } = await licences.openTrip({ applianceId: operator.entry.id });
    const { id, nonce } = requestPayload;
    sequence += 1;
    const text = await sign({ sequence, request: { id, nonce } });
    await licences.readAnswer({ tripId: trip.id, way: 'file', text });
    expect(await licences.dryRun(trip.id)).toMatchObject({ step: 'apply' });
    return trip.id;
  }
  let sequence = 0;

  test('when sshd is killed before the command starts, the licence is not applied, and can be applied later', async () => {
    const tripId = await readyTrip();
    const before = await installed();
    transport.cutPoints.beforeCommand = cut;
    const { trip } = await operator.services.licences.apply(tripId);
    expect(trip).toMatchObject({ applied: null, applying: null, failure: { outcome: 'not-applied' } });
    expect(await installed()).toBe(before);
    expect(await operator.services.licences.apply(tripId)).toMatchObject({ step: 'receipt' });
    expect(await installed()).not.toBe(before);
  });

  test('when sshd is killed after the licence was installed, its receipt is found', async () => {
    const tripId = await readyTrip();
    const before = await installed();
    transport.cutPoints.loseOutput = async () => {
      await waitFor('the licence is installed', async () => (await installed()) !== before);
      await cut();
    };
    const { trip } = await operator.services.licences.apply(tripId);
    expect(trip).toMatchObject({ applying: null, failure: null, applied: { by: 'ada' } });
    expect((await operator.services.licences.show(operator.entry.id)).sequence).toBe(sequence);
  });
});
