import type { Page } from '@playwright/test';
import { press, type View } from './view.ts';

/** Reads the licences of all appliances, of which some are away, and waits for the end. */
async function runReading(page: Page): Promise<void> {
  await press(page, 'Select appliances');
  await page.getByRole('menuitem', { name: 'All', exact: true }).click();
  await page.getByRole('combobox', { name: 'Command' }).selectOption('licence');
  await press(page, 'Continue');
  await press(page, /^Start on/u);
  // Those that can't be reached are given up after some time.
  await page.getByTestId('run-state').filter({ hasText: 'finished' }).waitFor({ timeout: 120_000 });
}

export const fanOutViews: readonly View[] = [
  { name: 'Run on many', address: '/run', shows: 'What to run' },
  {
    name: 'Run on many: keys',
    address: '/run?on=kiln-01',
    shows: 'may be a secret',
    open: async (page) => {
      await press(page, 'Set configuration keys');
      await page.getByRole('textbox', { name: 'Keys to set (YAML)' }).fill('db:\n  password: planted\n');
    },
  },
  {
    name: 'Run on many: plan',
    address: '/run?on=kiln-01,gate-01,dock-01',
    shows: 'take part',
    open: async (page) => {
      await press(page, 'Change a tenant');
      await page.getByRole('textbox', { name: 'Tenant' }).fill('northwind');
      await press(page, 'Plan');
      await page.getByRole('heading', { name: 'Start' }).waitFor({ timeout: 120_000 });
    },
  },
  {
    name: 'Run on many: results',
    address: '/run',
    shows: 'Same run from a terminal',
    open: runReading,
  },
];
