import { press, type View } from './view.ts';

export const applianceViews: readonly View[] = [
  { name: 'Tenants of an appliance', address: '/appliance/quay-01/tenants', shows: 'Ports' },
  { name: 'Appliance', address: '/appliance/quay-01', shows: 'Services' },
  { name: 'Appliance away', address: '/appliance/dock-01', shows: 'Try now' },
  { name: 'Trust', address: '/trust', shows: 'What leaves this computer' },
  {
    name: 'Third-party notices',
    address: '/trust',
    shows: 'Their licences ask for these notices',
    open: (page) => press(page, 'Show notices'),
  },
  { name: 'Host key changed', address: '/appliance/gate-01', shows: 'Replace pinned key' },
  {
    name: 'Appliance menu',
    address: '/appliance/kiln-01',
    shows: 'Copy ssh command',
    open: (page) => press(page, 'More actions on kiln-01'),
  },
  {
    name: 'Edit appliance',
    address: '/appliance/kiln-01',
    shows: 'Sudo',
    open: (page) => press(page, 'Edit'),
  },
  {
    name: 'Appliance menu',
    address: '/appliance/kiln-01',
    shows: 'Remove kiln-01…',
    open: (page) => press(page, 'More actions on kiln-01'),
  },
  {
    name: 'Remove appliance',
    address: '/appliance/kiln-01',
    shows: 'Cancel',
    open: async (page) => {
      await press(page, 'More actions on kiln-01');
      await page.getByRole('menuitem', { name: 'Remove kiln-01…' }).click();
    },
  },
  { name: 'No such appliance', address: '/appliance/nowhere', shows: 'nowhere' },
  { name: 'Audit', address: '/audit', shows: 'Appliance added' },
  {
    name: 'Audit record',
    address: '/audit',
    shows: 'Previous hash',
    open: (page) => page.getByRole('row').filter({ hasText: 'Appliance added' }).first().click(),
  },
  {
    name: 'Verified audit trail',
    address: '/audit',
    shows: 'Audit trail intact',
    open: (page) => press(page, 'Verify'),
  },
  { name: 'Settings', address: '/settings', shows: 'Managed policy' },
  {
    name: 'New target of notifications',
    address: '/settings',
    shows: 'File with a bearer token',
    open: (page) => press(page, 'Add target…'),
  },
  { name: 'No such page', address: '/nowhere', shows: 'Page not found' },
];
