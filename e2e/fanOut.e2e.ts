import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { z } from 'zod';
import { runSallyport } from '../test-support/runSallyport.ts';
import { expect, test } from './fixtures.ts';
import { createPages } from './pages.ts';
import { addAppliance } from './programs.ts';

const configurationSchema = z.object({ text: z.string() });

/** Runs a command of the console on `dataFolder`, and returns what it prints. */
async function sallyport(dataFolder: string, ...argv: string[]): Promise<string> {
  const { code, out, err } = await runSallyport(['--data', dataFolder, ...argv]);
  if (code !== 0) throw new Error(`sallyport ${argv.join(' ')}: ${err}${out}`);
  return out;
}

const results = (page: Page) => page.getByRole('grid', { name: 'Results' });
const rowOf = (page: Page, name: string) => results(page).getByRole('row').filter({ hasText: name });
const status = (page: Page) => page.getByTestId('run-state');

async function chooseAll(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Select appliances' }).click();
  await page.getByRole('menuitem', { name: 'All', exact: true }).click();
}

test('when a read command runs on the selected appliances, each has its output, and what differs from most is shown', async ({
  lab,
  dataFolder,
  openConsole,
}) => {
  for (const appliance of lab.appliances) await addAppliance(dataFolder, appliance);
  const page = await openConsole();
  const { fleet } = createPages(page);
  for (const { name } of lab.appliances) await expect(fleet.row(name)).toContainText('connected');
  for (const { name } of lab.appliances) await fleet.row(name).getByRole('checkbox').click();
  await page.getByRole('button', { name: `Run on ${lab.appliances.length}…` }).click();
  await page.getByRole('combobox', { name: 'Command' }).selectOption('configuration');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: `Start on ${lab.appliances.length} appliances` }).click();
  await expect(status(page)).toHaveText('finished');
  // Only the appliances' own names differ, and they do not count.
  for (const { name } of lab.appliances) await expect(rowOf(page, name)).toContainText(/done.*same as most/u);
  await rowOf(page, lab.appliances[1]?.name ?? '').click();
  const own = lab.appliances[1]?.name ?? '';
  await expect(page.getByLabel(`Output of ${own}`).last()).toContainText(`hostname: ${own}`);

  await page.getByRole('button', { name: 'Export results' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Results as CSV' }).click();
  const csv = await readFile(await (await download).path(), 'utf8');
  expect(csv.split('\r\n').filter((line) => line.includes(',"done",'))).toHaveLength(lab.appliances.length);

  await page.getByRole('button', { name: 'Log lines' }).click();
  await expect(page).toHaveURL(new RegExp(`from=${own}(?:,|%2C)&show=search&span=\\d+\\.\\.\\d+$`, 'u'));
});

test('when one appliance refuses a change, the run stops, the rest runs later, and all of it is rolled back', async ({
  lab,
  dataFolder,
  openConsole,
}) => {
  test.setTimeout(300_000);
  const names = lab.appliances.map(({ name }) => name);
  const [first = '', second = '', third = ''] = names;
  for (const appliance of lab.appliances) await addAppliance(dataFolder, appliance);
  const readConfiguration = async (name: string) =>
    configurationSchema.parse(JSON.parse(await sallyport(dataFolder, '--json', 'config', 'show', name))).text;
  const before = await Promise.all(names.map(readConfiguration));

  const page = await openConsole();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Go to' }).fill('Run on many');
  await page.keyboard.press('Enter');
  await chooseAll(page);
  await page.getByRole('button', { name: 'Set configuration keys' }).click();
  await page.getByRole('textbox', { name: 'Keys to set (YAML)' }).fill('level: 3\n');
  await page.getByRole('textbox', { name: 'Appliances in a wave' }).fill('1');
  await page.getByRole('textbox', { name: 'Seconds to watch the canary' }).fill('1');
  await page.getByRole('button', { name: 'Plan', exact: true }).click();
  await expect(page.getByLabel('Wave 1 Canary')).toContainText(first);
  await expect(page.getByText('level: none → 3').first()).toBeVisible();

  // The second appliance changes after its plan, so its change is refused.
  const edited = join(dataFolder, 'edited.yml');
  await writeFile(edited, `${before[1] ?? ''}other: 1\n`);
  await sallyport(dataFolder, 'config', 'apply', second, edited, '--reason', 'OPS-1', '--yes');

  await page.getByRole('textbox', { name: /^Reason or ticket/u }).fill('OPS-4731');
  await page.getByRole('button', { name: /^Start on/u }).click();
  await expect(status(page)).toHaveText('stopped after failures', { timeout: 60_000 });
  await expect(rowOf(page, first)).toContainText('done');
  await expect(rowOf(page, second)).toContainText('failed');
  await expect(rowOf(page, third)).toContainText('not started');
  expect(await readConfiguration(third)).toBe(before[2]);

  await page.getByRole('button', { name: /^Run the \d+ left…$/u }).click();
  await page.getByRole('textbox', { name: /^Reason or ticket/u }).fill('OPS-4732');
  await page.getByRole('button', { name: /^Start on/u }).click();
  await expect(status(page)).toHaveText('finished', { timeout: 60_000 });
  for (const name of names) await expect(rowOf(page, name)).toContainText('done');
  for (const name of names) expect(await readConfiguration(name)).toContain('level: 3');

  await page.getByRole('button', { name: `Roll back the ${names.length} done…` }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: /^Reason or ticket/u }).fill('OPS-4733');
  await dialog.getByRole('button', { name: 'Roll back' }).click();
  for (const name of names) await expect(rowOf(page, name)).toContainText('rolled back', { timeout: 60_000 });
  expect(await readConfiguration(first)).toBe(before[0]);
  expect(await readConfiguration(second)).toBe(`${before[1] ?? ''}other: 1\n`);

  const runs = await sallyport(dataFolder, 'run', 'list');
  expect(runs).toContain('RUN-0001');
  const trail = await sallyport(dataFolder, 'audit', 'list', '--limit', '100', '--query', 'RUN-0001');
  for (const event of ['fleet.run', 'fleet.rollback']) expect(trail).toContain(event);
});
