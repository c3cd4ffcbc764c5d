import { press, type View } from './view.ts';

const usage = (view = '') => `/appliance/kiln-01/usage${view}`;

export const usageViews: readonly View[] = [
  { name: 'Usage of all appliances', address: '/usage', shows: 'Not in the total' },
  { name: 'Usage of an appliance', address: usage(), shows: 'rows are in plain text' },
  {
    name: 'Line of an invoice',
    address: usage('?line=users%2Ftier-1'),
    shows: 'Charged are active non-admin accounts',
  },
  { name: 'Accounts as a table', address: usage('?as=table'), shows: 'Day' },
  {
    name: 'Active accounts',
    address: usage('?chart=active'),
    shows: 'kept on this computer',
  },
  { name: 'Cost by line', address: usage('?chart=cost'), shows: 'to date' },
  { name: 'Cost by line as a table', address: usage('?chart=cost&as=table'), shows: 'Inactive, not billed' },
  { name: 'Standard report', address: usage('?report=standard'), shows: 'Exact bytes' },
  { name: 'Ping', address: usage('?report=ping'), shows: 'Exact bytes' },
  {
    name: 'Fields of reports',
    address: usage(),
    shows: 'Nothing else leaves.',
    open: (page) => press(page, 'All fields explained'),
  },
  {
    name: 'Row of a report',
    address: usage(),
    shows: 'Sent hashed.',
    open: async (page) => {
      await page
        .getByRole('row', { name: /^[0-9a-f]{32}, /u })
        .first()
        .dblclick();
    },
  },
  {
    name: 'Searched account',
    address: usage(),
    shows: 'In the report.',
    open: async (page) => {
      const field = page.getByRole('textbox', { name: 'User name, user ID, domain or account ID' });
      await field.fill('118');
      await field.press('Enter');
    },
  },
  {
    name: 'Accounts behind a line',
    address: usage('?line=users%2Ftier-1'),
    shows: 'Show all rows',
    open: (page) => press(page, 'Show these accounts'),
  },
  {
    name: 'Export of a statement',
    address: usage(),
    shows: 'Nothing is sent.',
    open: (page) => press(page, 'Export signed statement…'),
  },
  {
    name: 'Usage of an appliance that can’t be reached',
    address: '/appliance/dock-01/usage',
    shows: 'No complete counts are kept.',
  },
];
