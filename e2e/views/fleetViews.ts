import { press, type View } from './view.ts';

export const fleetViews: readonly View[] = [
  { name: 'Fleet', address: '/', shows: 'Needs attention' },
  {
    name: 'Export menu',
    address: '/',
    shows: 'rows as CSV',
    open: (page) => press(page, 'Export…'),
  },
  {
    name: 'Add appliance',
    address: '/',
    shows: 'Fetch fingerprint',
    open: async (page) => {
      await press(page, 'Add appliance');
      await page.getByText('all optional').click();
    },
  },
  {
    name: 'Import appliances',
    address: '/',
    shows: 'invalid 1',
    open: async (page) => {
      await press(page, 'Import…');
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'CSV', exact: true }).click();
      await dialog
        .getByRole('textbox', { name: 'CSV' })
        .fill('name,address,tags\nkiln-09,ops@kiln-09.plant.lan,depot\nkiln-10,nowhere,\n');
    },
  },
  {
    name: 'Command palette',
    address: '/',
    shows: 'kiln-01',
    open: async (page) => {
      await press(page, /^Go to appliance/u);
      await page.getByRole('combobox', { name: 'Go to' }).fill('kiln');
    },
  },
  {
    name: 'Notifications',
    address: '/',
    shows: 'Notifications',
    open: (page) => press(page, /^Notifications/u),
  },
  {
    name: 'Keyboard shortcuts',
    address: '/tenants',
    shows: 'Keyboard shortcuts',
    open: (page) => page.keyboard.press('?'),
  },
  {
    name: 'Row menu',
    address: '/tenants',
    shows: 'Copy row',
    open: (page) => page.getByRole('row').filter({ hasText: 'northwind' }).first().click({ button: 'right' }),
  },
];
