import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { signalAdminSessions } from '../../test-support/adminSessions.ts';
import {
  consoleLog,
  startApplianceConsole,
  type ApplianceConsole,
} from '../../test-support/applianceConsole.ts';
import { changeTenant, listNetworks } from '../../test-support/remoteNetworks.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { expectWithin } from '../../test-support/expectWithin.ts';
import { waitFor } from '../../test-support/waitFor.ts';

const commands = ['ke_status', 'ke_manage_remote_networks', 'ke_manage_license_key'];
let box: StockBox;
let operator: ApplianceConsole;
let unfollow: () => void;
let port: number;

const sh = (script: string) => box.system.mustRun(['sh', '-e', '-c', script]);
const view = () => operator.services.fleet.view(operator.entry.id);
const tenants = () => operator.services.fleet.tenants(operator.entry.id);
const sessionCount = () => tenants().reduce((sum, { tenant }) => sum + tenant.sessions.length, 0);
const observedAt = () => Date.parse(view().observedAt ?? '');
const ageMs = () => Date.now() - observedAt();
const signalObserver = (signal: string) => sh(`kill -s ${signal} $(cat /run/sallyport-observer.pid)`);

function connect(): void {
  const options = ['-o', 'StrictHostKeyChecking=no', '-i', join(box.folder, 'northwind')];
  box.system.start(['ssh', '-N', ...options, '-R', `${port}:127.0.0.1:9`, `connect@${box.host}`]);
}

beforeAll(async () => {
  box = await startStockBox({ licence: {} });
  const added = await changeTenant(box, 'add', 'northwind');
  port = added.ports[0]?.first ?? 0;
  await writeFile(join(box.folder, 'northwind'), added.privateKey ?? '', { mode: 0o600 });
  operator = await startApplianceConsole(box);
  unfollow = operator.services.fleet.follow('all');
  await waitFor('the appliance is well', () => view().health.tone === 'ok');
});
afterAll(async () => {
  unfollow();
  await operator.stop();
  await box.stop();
});

test('when the appliance tells what changes, the console starts no command there and stays up to date', async () => {
  for (const command of commands) await sh(`mv /usr/local/sbin/${command} /usr/local/sbin/${command}.away`);
  try {
    const movedAt = Date.now();
    await waitFor('it says twice that all holds', () => observedAt() > movedAt + 10_000);
    connect();
    await waitFor('the session', () => sessionCount() === 1);
    await expectWithin(5000, async () => {
      await box.system.run(['pkill', '-KILL', '-x', 'ssh']);
      await waitFor('its end', () => sessionCount() === 0);
    });
    expect(sessionCount()).toBe(0);
  } finally {
    for (const command of commands) await sh(`mv /usr/local/sbin/${command}.away /usr/local/sbin/${command}`);
  }
});

const shown = () => tenants().map(({ tenant }) => tenant.clientId);
const listed = async () => (await listNetworks(box)).tenants.map(({ clientId }) => clientId);

/** Changes a tenant on the appliance, and waits until the console shows what the appliance lists. */
async function expectShown(what: string, change: readonly string[], withinMs: number): Promise<void> {
  await changeTenant(box, ...change);
  const expected = await listed();
  await expectWithin(withinMs, () =>
    waitFor(`${what} is shown`, () => JSON.stringify(shown()) === JSON.stringify(expected)),
  );
  expect(ageMs()).toBeLessThan(17_000);
}

test('when the observer hangs, is killed, or the link is cut: never shows an old state as present, and catches up', async () => {
  await expectShown('a tenant while the observer works', ['add', 'one'], 4000);
  await signalObserver('STOP');
  await changeTenant(box, 'add', 'two');
  // It is old before it is taken for present, and polled soon after.
  await expectWithin(17_000, () =>
    waitFor('the tenant is shown by polling', () => {
      expect(view().health.tone === 'ok' && ageMs() > 17_000).toBe(false);
      return shown().includes('two');
    }),
  );
  await signalObserver('CONT');
  await expectShown('a tenant after the observer goes on', ['add', 'three'], 12_000);
  await signalObserver('KILL');
  await expectShown('a tenant without an observer', ['add', 'four'], 20_000);
  await sh('service sallyport restart');
  await signalAdminSessions(box, 'SIGKILL');
  await changeTenant(box, 'remove', 'four');
  await waitFor('the removal after a lost link', () => !shown().includes('four'));
  expect(shown()).toEqual(await listed());
});

test('when the appliance is rebooted, is not shown as well while it is away, and equals its list 2 s after it answers', async () => {
  await box.stopSshd();
  // A power failure ends programs without a message, and the run folder is empty afterwards.
  await sh(
    'pkill -KILL --pidfile /run/sallyport-observer.pid; pkill -KILL --pidfile /run/sallyport.pid; rm -rf /run/sallyport*',
  );
  await waitFor('the console knows', () => view().health.tone !== 'ok');
  await box.startService();
  await changeTenant(box, 'add', 'rebooted');
  const expected = await listed();
  await box.startSshd();
  await waitFor('the appliance is well', () => {
    expect(view().health.tone === 'ok' && ageMs() > 17_000).toBe(false);
    return view().health.tone === 'ok';
  });
  await expectWithin(2000, () =>
    waitFor('what it lists', () => JSON.stringify(shown()) === JSON.stringify(expected)),
  );
});

const rubbish = ['yes', "echo '{}'", 'cat /dev/zero', 'exit 7', 'sleep 100', 'echo "$1"; exec yes "{"'];

/** A console that has just listened to `script` instead of `ke_watch`. */
async function listenToScript(script: string, program: string): Promise<ApplianceConsole> {
  const mark = '/run/listened';
  const quoted = `touch ${mark}\n${script}`.replaceAll("'", "'\\''");
  await sh(`rm -f ${mark}; printf '#!/bin/sh\n%b\n' '${quoted}' >${program}.new; chmod 755 ${program}.new`);
  await sh(`mv ${program}.new ${program}`);
  const own = await startApplianceConsole(box);
  onTestFinished(own.stop);
  own.services.fleet.follow('all');
  await waitFor(`${script} runs`, async () => (await box.system.run(['test', '-e', mark])).exitCode === 0);
  return own;
}

test('when an appliance prints rubbish, or the same again and again, it is polled and says so in the log', async () => {
  const program = '/usr/local/sbin/ke_watch';
  await sh(`mv ${program} ${program}.away`);
  onTestFinished(() => sh(`mv ${program}.away ${program}`).then(() => undefined));
  const consoles: ApplianceConsole[] = [];
  for (const script of rubbish) consoles.push(await listenToScript(script, program));
  const since = Date.now();
  await Promise.all(
    consoles.map(async ({ services, entry, dataFolder }, index) => {
      const observedAt = () => Date.parse(services.fleet.view(entry.id).observedAt ?? '');
      await waitFor(`an answer beside ${rubbish[index] ?? ''}`, () => observedAt() > since + 1000);
      const own = () => services.fleet.tenants(entry.id).map(({ tenant }) => tenant.clientId);
      const expected = await listed();
      await waitFor('all that it lists', () => own().length === expected.length);
      expect(own()).toEqual(expected);
      await waitFor('the log says so', () =>
        readFileSync(consoleLog(dataFolder), 'utf8').includes('the appliance is polled'),
      );
    }),
  );
});
