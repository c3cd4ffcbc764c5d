import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { signalAdminSessions } from '../test-support/adminSessions.ts';
import { startDebianAppliance, type DebianAppliance } from '../test-support/debianSshd.ts';
import { descendantsOf } from '../test-support/processTree.ts';
import { findTenant } from '../test-support/remoteNetworks.ts';
import { waitFor } from '../test-support/waitFor.ts';
import { expect, test } from './fixtures.ts';
import { pagesOf } from './pages.ts';
import { addAppliance } from './programs.ts';

const clientId = 'cut-in-the-middle';
let appliance: DebianAppliance;

test.beforeAll(async () => {
  appliance = await startDebianAppliance();
});
test.afterAll(() => appliance.stop());

/** Whether the change runs on the appliance; it alone has these words. */
async function isRunning(words: string): Promise<boolean> {
  const [code] = await once(spawn('pgrep', ['-f', `^[^ ]*node .*${words}`], { stdio: 'ignore' }), 'exit');
  return code === 0;
}

/** Lets every change wait, until it is ended. */
function holdLock(): { end: () => Promise<void> } {
  const lock = join(appliance.config.stateFolder, 'lock');
  const holder = spawn('flock', [lock, 'sleep', '600'], { stdio: 'ignore' });
  return {
    end: async () => {
      const ended = once(holder, 'exit');
      for (const pid of await descendantsOf(holder.pid ?? 0)) process.kill(pid, 'SIGKILL');
      await ended;
    },
  };
}

test('a link that is cut in the middle of a change: the page asks again, and says how it ended', async ({
  openConsole,
  dataFolder,
}) => {
  const { host, port, adminUser, adminKeyFile } = appliance;
  const hostKeySha256 = appliance.hostKey().fingerprint;
  const entry = { name: 'debian', host, port, user: adminUser, identityFile: adminKeyFile, hostKeySha256 };
  await addAppliance(dataFolder, entry, { sudo: 'none' });
  await appliance.ke(['ke_manage_remote_networks', 'add', clientId]);
  const page = await openConsole();
  const { tenants } = pagesOf(page);
  await tenants.open();
  const row = tenants.rows().filter({ hasText: clientId }).first();
  await row.click();
  await page.getByRole('button', { name: 'Suspend…' }).click();
  const suspend = page.getByRole('region', { name: `Suspend ${clientId}` });
  await suspend.getByLabel('Reason', { exact: false }).fill('does not pay');
  const lock = holdLock();
  try {
    await suspend.getByRole('button', { name: 'Suspend', exact: true }).click();
    await waitFor('the command waits for the lock', () => isRunning(`change 0 ${clientId}`));
    await signalAdminSessions(appliance, 'SIGKILL');
  } finally {
    await lock.end();
  }
  await expect(suspend).toContainText('The change had been made all the same');
  await expect(suspend).toContainText(`${clientId} is suspended; its key and ports are kept.`);
  await suspend.getByRole('button', { name: 'Close' }).click();
  await expect(row).toContainText('suspended');
  expect(await findTenant(appliance, clientId)).toMatchObject({ suspended: true, quota: 0 });
});
