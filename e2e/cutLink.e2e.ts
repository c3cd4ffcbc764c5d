import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { signalAdminSessions } from '../test-support/adminSessions.ts';
import { holdLock } from '../test-support/holdLock.ts';
import { changeTenant, findTenant } from '../test-support/remoteNetworks.ts';
import { waitFor } from '../test-support/waitFor.ts';
import { expect, test } from './fixtures.ts';
import { createPages } from './pages.ts';
import { addBox } from './programs.ts';

const clientId = 'cut-in-the-middle';

/**
 * Whether a process with these words in its command line is running on the appliance. Only the change has
 * them.
 */
async function isRunning(words: string): Promise<boolean> {
  const [code] = await once(spawn('pgrep', ['-f', `^[^ ]*node .*${words}`], { stdio: 'ignore' }), 'exit');
  return code === 0;
}

test('when the link is cut during a change, the page asks again and shows the result', async ({
  box,
  openConsole,
  dataFolder,
}) => {
  await addBox(dataFolder, 'debian', box);
  await changeTenant(box, 'add', clientId);
  const page = await openConsole();
  const { tenants } = createPages(page);
  await tenants.open();
  const row = tenants.rows().filter({ hasText: clientId }).first();
  await row.click();
  await page.getByRole('button', { name: 'Suspend…' }).click();
  const suspend = page.getByRole('region', { name: `Suspend ${clientId}` });
  await suspend.getByLabel('Reason', { exact: false }).fill('does not pay');
  const letGo = await holdLock(box);
  try {
    await suspend.getByRole('button', { name: 'Suspend', exact: true }).click();
    await waitFor('the command waits for the lock', () => isRunning(`change 0 ${clientId}`));
    await signalAdminSessions(box, 'SIGKILL');
  } finally {
    await letGo();
  }
  await expect(suspend).toContainText('The change was made nevertheless');
  await expect(suspend).toContainText(`${clientId} is suspended; its key and ports are kept.`);
  await suspend.getByRole('button', { name: 'Close' }).click();
  await expect(row).toContainText('suspended');
  expect(await findTenant(box, clientId)).toMatchObject({ suspended: true, quota: 0 });
});
