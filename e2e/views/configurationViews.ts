import { replaceText } from '../pages.ts';
import { press, type View } from './view.ts';

const faultyConnectYaml = 'appliance: kiln-01\nrepositories:\n  a:\n    files: smb://files.nw.lan\n';

export const configurationViews: readonly View[] = [
  { name: 'Configuration', address: '/appliance/kiln-01/configuration', shows: 'Present configuration' },
  {
    name: 'Draft of a configuration',
    address: '/appliance/kiln-01/configuration',
    shows: 'fix 1 error',
    open: async (page) => {
      await press(page, 'Edit');
      await replaceText(
        page.getByRole('textbox', { name: 'Configuration of kiln-01' }),
        'hostname: kiln-01.example\ndb:\n  port: 70000\n',
      );
    },
  },
  {
    name: 'Changes by keys',
    address: '/appliance/kiln-01/configuration',
    shows: 'Restore',
    open: async (page) => {
      await press(page, 'Edit');
      await replaceText(
        page.getByRole('textbox', { name: 'Configuration of kiln-01' }),
        'hostname: kiln-01.example\ndb:\n  prot: 5432\n',
      );
      await press(page, 'Keys');
    },
  },
  {
    name: 'Findings of a draft by keyboard',
    address: '/appliance/kiln-01/configuration',
    shows: 'Rename to port',
    open: async (page) => {
      await press(page, 'Edit');
      await replaceText(
        page.getByRole('textbox', { name: 'Configuration of kiln-01' }),
        'hostname: kiln-01.example\ndb:\n  prot: 5432\n',
      );
      await page.getByRole('list', { name: 'Findings in the draft' }).getByRole('button').last().focus();
    },
  },
  {
    name: 'Completion in a configuration',
    address: '/appliance/kiln-01/configuration',
    shows: 'text of at most 128 characters',
    open: async (page) => {
      await press(page, 'Edit');
      await page.getByRole('textbox', { name: 'Configuration of kiln-01' }).press('Control+End');
      await page.keyboard.press('Control+Space');
    },
  },
  { name: 'Choice of a configuration', address: '/configuration', shows: 'Choose an appliance' },
  {
    name: 'connect.yaml',
    address: '/connect-yaml',
    shows: 'Connect would not start',
    open: (page) => replaceText(page.getByRole('textbox', { name: 'connect.yaml' }), faultyConnectYaml),
  },
  {
    name: 'New connect.yaml',
    address: '/connect-yaml',
    shows: 'Address',
    open: (page) => press(page, 'Write a new one'),
  },
];
