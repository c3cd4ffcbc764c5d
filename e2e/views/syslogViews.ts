import { press, type View } from './view.ts';

export const syslogViews: readonly View[] = [
  { name: 'Syslog', address: '/syslog', shows: 'lines' },
  {
    name: 'Syslog line',
    address: '/syslog',
    shows: 'Line as the appliance wrote it',
    open: (page) => page.getByTestId('log-line').last().click(),
  },
  { name: 'Search of the syslog', address: '/syslog?show=search', shows: 'Saved filters' },
  {
    name: 'Fault in a query',
    address: '/syslog?show=search&find=severity%3Aloud',
    shows: 'not a severity',
  },
  {
    name: 'Query help',
    address: '/syslog?show=search',
    shows: 'A severity is smaller',
    open: (page) => press(page, 'Query help'),
  },
  {
    name: 'Saved filters',
    address: '/syslog?show=search&find=error',
    shows: 'Name of the present query',
    open: (page) => press(page, 'Saved filters'),
  },
  {
    name: 'Preview of exported lines',
    address: '/syslog?show=search',
    shows: 'hidden values',
    open: async (page) => {
      await page.getByTestId('kept-line').last().waitFor();
      await press(page, 'Export…');
      await page.getByLabel('IP addresses').check();
      await press(page, 'Preview');
      await page.getByTestId('export-preview').waitFor();
    },
  },
  {
    name: 'Log watch rules',
    address: '/syslog?show=search&find=error',
    shows: 'No rules yet.',
    open: (page) => press(page, 'Watch…'),
  },
  {
    name: 'Found line with its context',
    address: '/syslog?show=search',
    shows: 'without the query',
    open: async (page) => {
      await page.getByTestId('kept-line').last().click();
      await press(page, 'Show context');
    },
  },
  { name: 'Syslog of an appliance', address: '/appliance/kiln-01/syslog', shows: 'lines' },
  // The browser keeps facets open, so that no other view of the search comes after it.
  {
    name: 'Facets of found lines',
    address: '/syslog?show=search',
    shows: 'Program',
    open: async (page) => {
      await page.getByTestId('kept-line').last().waitFor();
      await press(page, 'Facets');
      await page.getByTestId('facets').getByRole('group', { name: 'Program' }).waitFor();
    },
  },
];
