import { labAnnouncementSchema } from '../src-shared/model/appliance/labAnnouncement.ts';
import { spawn } from 'node:child_process';
import { expect, test } from './fixtures.ts';
import { addAppliance, startProgram } from './programs.ts';
import { createPages } from './pages.ts';

test('when an appliance stops answering, it turns amber with its age, is never green, and recovers automatically', async ({
  dataFolder,
  openConsole,
}) => {
  const lab = await startProgram('--json', 'lab', '--appliances', '1', '--tenants', '2');
  try {
    const [appliance] = labAnnouncementSchema.parse(JSON.parse(lab.firstLine)).appliances;
    if (appliance === undefined) throw new Error('the lab is empty');
    await addAppliance(dataFolder, appliance);
    const page = await openConsole();
    const { fleet } = createPages(page);
    const row = fleet.row(appliance.name);
    await expect(fleet.dot(appliance.name, 'OK')).toBeVisible();

    const labProcess = await serverProcess(lab.pid);
    process.kill(labProcess, 'SIGSTOP');
    try {
      await expect(fleet.dot(appliance.name, 'OK')).toBeHidden();
      await expect(row.locator('[data-tone="ok"]')).toHaveCount(0);
      await expect(row.getByTestId('age').last()).toHaveAttribute('data-old', 'true');
      await expect(fleet.dot(appliance.name, 'needs attention')).toBeVisible();
      await expect(fleet.dot(appliance.name, 'OK')).toBeHidden();
    } finally {
      process.kill(labProcess, 'SIGCONT');
    }
    await expect(fleet.dot(appliance.name, 'OK')).toBeVisible();
    await expect(row).toContainText('connected');
  } finally {
    await lab.stop();
  }
});

/** The command line only starts the lab; its child process serves the page. */
function serverProcess(parent: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('pgrep', ['-P', String(parent)], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', (data: Buffer) => resolve(Number(data.toString().split('\n')[0])));
    child.once('error', reject);
  });
}

test('a changed host key is a hard stop that shows both fingerprints', async ({
  lab,
  dataFolder,
  openConsole,
}) => {
  const [appliance, other] = lab.appliances;
  if (appliance === undefined || other === undefined) throw new Error('the lab is too small');
  await addAppliance(dataFolder, appliance, { hostKey: other.hostKeySha256 });
  const page = await openConsole();
  const { fleet } = createPages(page);
  await expect(fleet.row(appliance.name)).toContainText('host key');
  await fleet.row(appliance.name).getByRole('link', { name: appliance.name }).click();
  const card = page.getByRole('region', { name: 'Host key changed' });
  await expect(card.getByLabel(`Pinned fingerprint ${other.hostKeySha256}`)).toBeVisible();
  await expect(card.getByLabel(`Offered fingerprint ${appliance.hostKeySha256}`)).toBeVisible();
  await expect(fleet.dot(appliance.name, 'OK')).toBeHidden();

  const replace = card.getByRole('button', { name: 'Replace pinned key' });
  await expect(replace).toBeDisabled();
  await card.getByRole('textbox').fill(appliance.name);
  await replace.click();
  await expect(fleet.dot(appliance.name, 'OK')).toBeVisible();
});
