import type { Page } from '@playwright/test';
import { press, type View } from './view.ts';

const selectedRow = (page: Page) =>
  page.getByRole('grid', { name: 'Tunnels' }).getByRole('row', { name: 'northwind 2200' });

const tunnel = '/tenants/kiln-01/northwind/2200';

/**
 * Adds another tenant at each call, with a key pair generated on the appliance, and shows its private key.
 */
async function addWithNewKey(page: Page): Promise<void> {
  await press(page, 'Add tenant');
  const dialog = page.getByRole('dialog', { name: 'Add tenant' });
  await dialog.getByLabel('Client ID').fill(`key-${Date.now().toString(36)}`);
  await dialog.getByText('Generate a key pair on the appliance').click();
  await dialog.getByRole('button', { name: 'Show plan' }).click();
  await dialog.getByLabel('Reason', { exact: false }).fill('new customer');
  await dialog.getByRole('button', { name: 'Add tenant' }).click();
  await dialog.getByRole('button', { name: 'Show', exact: true }).click();
}

export const tenantViews: readonly View[] = [
  { name: 'Tenants & ports', address: '/tenants', shows: 'northwind' },
  { name: 'Tunnel', address: tunnel, shows: 'Last 30 days' },
  {
    name: 'Tunnel that needs attention',
    address: '/tenants/quay-01/soylent',
    shows: 'Message to the customer',
  },
  { name: 'Tenant', address: '/tenants/kiln-01/northwind', shows: 'Rotate key…' },
  { name: 'Missing tenant', address: '/tenants/kiln-01/missing', shows: 'No such tenant' },
  {
    name: 'Tenant menu',
    address: tunnel,
    shows: 'Remove northwind…',
    open: (page) => press(page, 'More actions on northwind'),
  },
  {
    name: 'Log lines of a tunnel',
    address: tunnel,
    shows: 'Hide log lines',
    open: (page) => press(page, 'Show log lines'),
  },
  {
    name: 'Code help',
    address: tunnel,
    shows: 'Layer:',
    open: (page) => press(page, /^What T-\d+ means/u),
  },
  {
    name: 'Code help from the table',
    address: '/tenants',
    shows: 'All tunnels with',
    open: (page) =>
      selectedRow(page)
        .getByRole('button', { name: /^T-\d+$/u })
        .click(),
  },
  {
    name: 'Contact and note',
    address: tunnel,
    shows: 'Kept by this console only',
    open: (page) => press(page, 'Add contact or note…'),
  },
  {
    name: 'Message to a customer',
    address: '/tenants/quay-01/soylent',
    shows: 'The console doesn’t send this message',
    open: (page) => press(page, 'Message to the customer…'),
  },
  {
    name: 'Handover pack',
    address: '/tenants/kiln-01/northwind',
    shows: 'This console uses',
    open: (page) => press(page, 'Create handover pack…'),
  },
  {
    name: 'Created handover pack',
    address: '/tenants/kiln-01/northwind',
    shows: 'Downloaded',
    open: async (page) => {
      await press(page, 'Create handover pack…');
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel(/^Public address/u).fill('kiln.example.com:22');
      await dialog.getByRole('button', { name: 'Create pack' }).click();
      await dialog.getByRole('button', { name: /^Download/u }).click();
    },
  },
  {
    name: 'Availability report',
    address: tunnel,
    shows: 'Save as CSV',
    open: (page) => press(page, 'Open report…'),
  },
  {
    name: 'Quota',
    address: tunnel,
    shows: 'Show plan',
    open: (page) => press(page, 'Change quota…'),
  },
  {
    name: 'Plan',
    address: tunnel,
    shows: 'Reason',
    open: (page) => press(page, 'Suspend…'),
  },
  {
    name: 'Rotate key',
    address: tunnel,
    shows: 'Show plan',
    open: (page) => press(page, 'Rotate key…'),
  },
  {
    name: 'Add tenant',
    address: '/tenants',
    shows: 'Client ID',
    open: (page) => press(page, 'Add tenant'),
  },
  {
    name: 'Plan for a new tenant',
    address: '/tenants',
    shows: 'Reason',
    open: async (page) => {
      await press(page, 'Add tenant');
      const dialog = page.getByRole('dialog', { name: 'Add tenant' });
      await dialog.getByLabel('Client ID').fill('a-tenant-with-quite-a-long-name');
      await dialog.getByText('Generate a key pair on the appliance').click();
      await dialog.getByRole('button', { name: 'Show plan' }).click();
    },
  },
  {
    name: 'Import tenants',
    address: '/tenants',
    shows: 'of 2 can be added',
    open: async (page) => {
      await press(page, 'Import CSV');
      await page
        .getByRole('dialog')
        .getByRole('textbox', { name: 'CSV' })
        .fill(
          'client_id,public_key,quota\na-tenant-with-quite-a-long-name,ssh-ed25519 AAAA,3\nnorthwind,,\n',
        );
    },
  },
  {
    name: 'Row menu',
    address: '/tenants',
    shows: 'Copy row',
    open: (page) => selectedRow(page).click({ button: 'right' }),
  },
  {
    name: 'Selection',
    address: '/tenants',
    shows: '1 tunnel of 1 tenant selected',
    open: (page) => selectedRow(page).getByRole('checkbox').check(),
  },
  {
    name: 'Bulk plan',
    address: '/tenants',
    shows: 'Reason',
    open: async (page) => {
      await page.getByRole('checkbox', { name: 'Select all rows shown' }).check();
      await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Suspend…' }).click();
    },
  },
  {
    name: 'Bulk rotation',
    address: '/tenants',
    shows: 'Old keys stay valid for',
    open: async (page) => {
      await selectedRow(page).getByRole('checkbox').check();
      await press(page, 'Rotate keys…');
    },
  },
  {
    name: 'Keyboard shortcuts',
    address: '/tenants',
    shows: 'Select the row for a bulk action',
    open: (page) => page.keyboard.press('?'),
  },
  {
    name: 'New private key',
    address: '/tenants',
    shows: 'I have saved it',
    open: addWithNewKey,
  },
  {
    name: 'Finished plan',
    address: '/tenants',
    shows: 'Copy details',
    open: async (page) => {
      await addWithNewKey(page);
      await page.getByRole('dialog').getByLabel('I have saved it').check();
    },
  },
];
