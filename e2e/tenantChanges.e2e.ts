import { readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { z } from 'zod';
import { remoteNetworksSchema } from '../src-shared/model/remoteNetworks.ts';
import { startDebianAppliance, type DebianAppliance } from '../test-support/debianSshd.ts';
import { expect, test } from './fixtures.ts';
import { addAppliance } from './programs.ts';
import { pagesOf } from './pages.ts';

// A trace holds all that the page ever showed, the key too.
test.use({ trace: 'off', video: 'off', screenshot: 'off' });

let appliance: DebianAppliance;

test.beforeAll(async () => {
  appliance = await startDebianAppliance();
});
test.afterAll(() => appliance.stop());

test.beforeEach(async ({ dataFolder }) => {
  const { host, port, adminUser, adminKeyFile } = appliance;
  const hostKeySha256 = appliance.hostKey().fingerprint;
  const entry = { name: 'debian', host, port, user: adminUser, identityFile: adminKeyFile, hostKeySha256 };
  await addAppliance(dataFolder, entry, { sudo: 'none' });
});

async function tenantOn(clientId: string) {
  const { stdout } = await appliance.ke(['ke_manage_remote_networks', 'list', '--json']);
  return remoteNetworksSchema
    .parse(JSON.parse(stdout))
    .tenants.find((tenant) => tenant.clientId === clientId);
}

const begun = Date.now();

/** Files below `folder`, written since this began, that hold `text`; what vanishes or is no plain file holds nothing. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      try {
        return statSync(path).mtimeMs >= begun && readFileSync(path).includes(text);
      } catch {
        return false;
      }
    });
}

/** Everything that a page can keep, and all that stands in it. */
async function everythingIn(page: Page): Promise<string> {
  // As text: this side of the test knows no browser's types.
  const kept: unknown = await page.evaluate(`(async () => JSON.stringify([
    document.documentElement.outerHTML,
    [...document.querySelectorAll('input, textarea')].map((field) => field.value),
    { ...localStorage },
    { ...sessionStorage },
    (await indexedDB.databases()).map((database) => database.name),
    await caches.keys(),
    document.cookie,
    location.href,
    history.state,
  ]))()`);
  const state = await page.context().storageState({ indexedDB: true });
  return z.string().parse(kept) + JSON.stringify(state);
}

async function addWithNewPair(page: Page, clientId: string): Promise<string> {
  await page.getByRole('button', { name: 'Add tenant' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add tenant' });
  await dialog.getByLabel('Client ID').fill(clientId);
  await dialog.getByText('Generate a key pair on the appliance').click();
  await dialog.getByRole('button', { name: 'Show plan' }).click();
  await expect(dialog).toContainText(`ke_manage_remote_networks add ${clientId}`);
  await dialog.getByLabel('Reason', { exact: false }).fill('new customer, ticket 4711');
  await dialog.getByRole('button', { name: 'Add tenant' }).click();
  await dialog.getByRole('button', { name: 'Show', exact: true }).click();
  const shown = await dialog.getByLabel('Private key', { exact: true }).locator('pre').textContent();
  await dialog.getByLabel('I have saved it').check();
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await expect(dialog).toBeHidden();
  return shown ?? '';
}

test('a generated private key is shown once, and found nowhere afterwards', async ({
  openConsole,
  dataFolder,
}) => {
  const page = await openConsole();
  const { tenants } = pagesOf(page);
  await tenants.open();
  const key = await addWithNewPair(page, 'northwind');
  expect(key).toContain('BEGIN OPENSSH PRIVATE KEY');
  const lines = key.split('\n').filter((line) => line.length >= 60);
  // What is searched for is in the key's secret half, and long enough to be nowhere by chance.
  const body = lines.at(-2) ?? '';
  expect(body).toMatch(/^[A-Za-z0-9+/]{60,}$/);
  await expect(tenants.rows().filter({ hasText: 'northwind' })).toBeVisible();

  expect(await everythingIn(page)).not.toContain(body);
  await page.reload();
  await expect(tenants.rows().filter({ hasText: 'northwind' })).toBeVisible();
  expect(await everythingIn(page)).not.toContain(body);
  expect(filesWith(dataFolder, body)).toEqual([]);
  expect(filesWith(appliance.folder, body)).toEqual([]);
  expect(filesWith(tmpdir(), body)).toEqual([]);
  // The search finds what is there: the public half, on the appliance.
  expect(await tenantOn('northwind')).toMatchObject({ quota: 20, suspended: false });
  expect(filesWith(appliance.folder, 'northwind')).not.toEqual([]);
});

test('suspend and resume give the same ports back; remove wants the right name', async ({ openConsole }) => {
  const page = await openConsole();
  const { tenants } = pagesOf(page);
  await tenants.open();
  await addWithNewPair(page, 'globex');
  const before = await tenantOn('globex');
  const row = tenants.rows().filter({ hasText: 'globex' });
  await row.first().click();

  await page.getByRole('button', { name: 'Suspend…' }).click();
  const suspend = page.getByRole('region', { name: 'Suspend globex' });
  await expect(suspend).toContainText('ke_manage_remote_networks change 0 globex');
  await suspend.getByLabel('Reason', { exact: false }).fill('does not pay');
  await suspend.getByRole('button', { name: 'Suspend', exact: true }).click();
  await expect(suspend).toContainText('done');
  await suspend.getByRole('button', { name: 'Close' }).click();
  await expect(row.first()).toContainText('suspended');
  expect(await tenantOn('globex')).toMatchObject({ suspended: true, quota: 0 });

  await page.getByRole('button', { name: 'Resume…' }).click();
  await page.getByRole('button', { name: 'Show plan' }).click();
  const resume = page.getByRole('region', { name: 'Resume globex' });
  await expect(resume).toContainText('ke_manage_remote_networks change 20 globex');
  await resume.getByLabel('Reason', { exact: false }).fill('has paid');
  await resume.getByRole('button', { name: 'Resume', exact: true }).click();
  await expect(resume).toContainText('done');
  await resume.getByRole('button', { name: 'Close' }).click();
  expect(await tenantOn('globex')).toMatchObject({ suspended: false, quota: 20, ports: before?.ports });

  await page.getByRole('button', { name: 'Remove…' }).click();
  const remove = page.getByRole('region', { name: 'Remove globex' });
  await remove.getByLabel('Reason', { exact: false }).fill('contract ended');
  await remove.getByLabel('Type globex to confirm').fill('globexx');
  await expect(remove.getByRole('button', { name: 'Remove', exact: true })).toBeDisabled();
  expect(await tenantOn('globex')).toMatchObject({ quota: 20 });
  await remove.getByLabel('Type globex to confirm').fill('globex');
  await remove.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(row).toHaveCount(0);
  expect(await tenantOn('globex')).toBeUndefined();
});
