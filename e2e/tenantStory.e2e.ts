import { expect, test } from './fixtures.ts';
import { addAppliance } from './programs.ts';
import { writeLastNight } from '../test-support/lastNight.ts';

/**
 * How long a person takes, by the keystroke-level model (Card, Moran and Newell, 1980): pointing and clicking, typing a
 * character, and the thought before each click and each text.
 */
const clickMs = 1100 + 200;
const keyMs = 280;
const thoughtMs = 1350;
/** Reading the seven events of the answer, at 240 words a minute, takes this long. */
const readingMs = 12_000;
const maxMs = 30_000;

const count = `(() => {
  globalThis.effort = { clicks: 0, keys: 0 };
  addEventListener('pointerdown', () => { globalThis.effort.clicks += 1; }, true);
  addEventListener('keydown', () => { globalThis.effort.keys += 1; }, true);
})()`;

test('when a tenant’s tunnel failed last night, three clicks from the start show why', async ({
  lab,
  dataFolder,
  openConsole,
}, testInfo) => {
  const night = writeLastNight({ labFolder: lab.folder, appliance: 'kiln-01', clientId: 'northwind' });
  for (const appliance of lab.appliances) await addAppliance(dataFolder, appliance);
  const startedAt = performance.now();
  const page = await openConsole();
  await page.evaluate(count);

  await page.getByRole('link', { name: 'Syslog' }).first().click();
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(page.getByRole('combobox', { name: 'Query' })).toBeFocused();
  await page.keyboard.type(`northwind ${night.at}`);
  await page
    .getByRole('button', { name: `Search tenant:northwind time:${night.from}..${night.to} instead` })
    .click();

  const panel = page.getByRole('complementary', { name: 'Tenant' });
  const story = panel.getByRole('list', { name: 'What happened to northwind' });
  await expect(story.getByRole('listitem')).toContainText([
    'Login with a key',
    'The port is taken',
    'The forward was not opened',
    'The client stopped answering after 1 h',
    'Tunnel closed',
    'Tunnel opened',
  ]);
  const machineMs = performance.now() - startedAt;
  await expect(story.getByRole('listitem').last()).toBeInViewport();

  const { clicks, keys } = await page.evaluate<{ clicks: number; keys: number }>('globalThis.effort');
  const personMs = clicks * (clickMs + thoughtMs) + keys * keyMs + thoughtMs + readingMs;
  testInfo.annotations.push({
    type: 'effort',
    description: `${clicks} clicks, ${keys} keys, a person needs ${personMs} ms, the machine ${machineMs.toFixed(0)} ms`,
  });
  expect(clicks).toBe(3);
  expect(personMs).toBeLessThan(maxMs);
});

test('when the tenant is opened from the palette, one click shows what happened in the last day', async ({
  lab,
  dataFolder,
  openConsole,
}) => {
  for (const appliance of lab.appliances) await addAppliance(dataFolder, appliance);
  const page = await openConsole();
  await page.evaluate(count);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Go to' }).fill('northwind');
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('complementary', { name: /^northwind/u });
  await panel.getByRole('button', { name: 'Show the last 24 hours' }).click();
  // The first test wrote the lines of the night.
  await expect(panel.getByRole('list', { name: 'What happened to northwind' })).toContainText(
    'The client stopped answering',
  );
  expect(await page.evaluate<{ clicks: number }>('globalThis.effort')).toMatchObject({ clicks: 1 });
});
