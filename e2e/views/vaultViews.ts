import type { Page } from '@playwright/test';
import { press, type View } from './view.ts';

const passphrase = 'correct horse battery';

/** Creates the vault of the console with a credential, and waits until the page lists it. */
async function createFilledVault(page: Page): Promise<void> {
  await page.getByLabel('New passphrase', { exact: true }).fill(passphrase);
  await page.getByLabel('New passphrase, again').fill(passphrase);
  await press(page, 'Create vault');
  await press(page, 'Add credential…');
  await page.getByLabel('Name', { exact: true }).fill('ops');
  await page.getByLabel('Password', { exact: true }).fill('planted');
  await press(page, 'Add credential');
  await page.getByText('Not used by any appliance').waitFor();
}

export const vaultViews: readonly View[] = [
  { name: 'New vault', address: '/settings', shows: 'Create vault' },
  {
    name: 'Vault',
    address: '/settings',
    shows: 'Its secret is deleted from the vault.',
    open: async (page) => {
      await createFilledVault(page);
      await press(page, 'Remove ops');
    },
  },
  {
    name: 'Locked vault',
    address: '/settings',
    shows: 'Unlock the vault to add, rotate or remove credentials.',
    open: async (page) => {
      const create = page.getByRole('button', { name: 'Create vault' });
      const lock = page.getByRole('button', { name: 'Lock now' });
      await create.or(lock).first().waitFor();
      if (await create.isVisible()) await createFilledVault(page);
      await lock.first().click();
    },
  },
];
