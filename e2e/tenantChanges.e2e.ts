import type { Page } from '@playwright/test';
import { z } from 'zod';
import { filesHolding, secretLinesOf, sharedPlaces } from '../test-support/filesHolding.ts';
import { findTenant } from '../test-support/remoteNetworks.ts';
import { expect, test } from './fixtures.ts';
import { addBox } from './programs.ts';
import { createPages } from './pages.ts';

// A trace would contain everything that the page showed, including the key.
test.use({ trace: 'off', video: 'off', screenshot: 'off' });

test.beforeEach(({ box, dataFolder }) => addBox(dataFolder, 'debian', box));

/** Everything that a page stores or shows. */
async function readEverything(page: Page): Promise<string> {
  // As text, because this side of the test has no browser types.
  const kept: unknown = await page.evaluate(`(async () => JSON.stringify([
    document.documentElement.outerHTML,
    [...document.querySelectorAll('input, textarea')].map((field) => field.value),
    { ...localStorage },
    { ...sessionStorage },
    (await indexedDB.databases()).map((database) => database.name),
    await Promise.all((await caches.keys()).map(async (name) => {
      const cache = await caches.open(name);
      return Promise.all((await cache.matchAll()).map((response) => response.text()));
    })),
    document.cookie,
    location.href,
    history.state,
  ]))()`);
  const state = await page.context().storageState({ indexedDB: true });
  return z.string().parse(kept) + JSON.stringify(state);
}

/** Places where a page can leave a text: scripts that put `text` there and remove it. */
const hidingPlaces = {
  localStorage: (text: string) => [
    `localStorage.setItem('left', '${text}')`,
    `localStorage.removeItem('left')`,
  ],
  sessionStorage: (text: string) => [
    `sessionStorage.setItem('left', '${text}')`,
    `sessionStorage.removeItem('left')`,
  ],
  indexedDB: (text: string) => [
    `new Promise((resolve, reject) => {
      const opening = indexedDB.open('left');
      opening.onerror = reject;
      opening.onupgradeneeded = () => opening.result.createObjectStore('left').put('${text}', 'left');
      opening.onsuccess = () => resolve(opening.result.close());
    })`,
    `new Promise((resolve, reject) => {
      const deleting = indexedDB.deleteDatabase('left');
      deleting.onerror = reject;
      deleting.onsuccess = () => resolve();
    })`,
  ],
  caches: (text: string) => [
    `caches.open('left').then((cache) => cache.put('/left', new Response('${text}')))`,
    `caches.delete('left').then(() => undefined)`,
  ],
  'a field': (text: string) => [
    `void (document.body.appendChild(document.createElement('input')).value = '${text}')`,
    `document.body.lastElementChild.remove()`,
  ],
  history: (text: string) => [`history.replaceState('${text}', '')`, `history.replaceState(null, '')`],
};

async function addWithNewPair(
  page: Page,
  clientId: string,
  whileShown: (key: string) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await page.getByRole('button', { name: 'Add tenant' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add tenant' });
  await dialog.getByLabel('Client ID').fill(clientId);
  await dialog.getByText('Generate a key pair on the appliance').click();
  await dialog.getByRole('button', { name: 'Show plan' }).click();
  await expect(dialog).toContainText(`ke_manage_remote_networks add ${clientId}`);
  await dialog.getByLabel('Reason', { exact: false }).fill('new customer, ticket 4711');
  await dialog.getByRole('button', { name: 'Add tenant' }).click();
  await dialog.getByRole('button', { name: 'Show', exact: true }).click();
  const shown = await dialog.getByLabel('Private key', { exact: true }).locator('pre').textContent();
  await whileShown(shown ?? '');
  await dialog.getByLabel('I have saved it').check();
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await expect(dialog).toBeHidden();
}

test('a generated private key is shown once, and found nowhere afterwards', async ({
  box,
  openConsole,
  dataFolder,
}) => {
  const begun = Date.now();
  const page = await openConsole();
  const { tenants } = createPages(page);
  await tenants.open();
  let secret: string[] = [];
  await addWithNewPair(page, 'northwind', async (key) => {
    expect(key).toContain('BEGIN OPENSSH PRIVATE KEY');
    secret = secretLinesOf(key);
    const shown = await readEverything(page);
    for (const line of secret) expect(shown).toContain(line);
  });
  await expect(tenants.rows().filter({ hasText: 'northwind' })).toBeVisible();

  const foundInPage = async () => {
    const all = await readEverything(page);
    return secret.filter((line) => all.includes(line));
  };
  expect(await foundInPage()).toEqual([]);
  // Check that the search finds a text in each of these places.
  const [line = ''] = secret;
  for (const [place, scripts] of Object.entries(hidingPlaces)) {
    const [leave = '', takeAway = ''] = scripts(line);
    await page.evaluate(leave);
    expect([place, await foundInPage()]).toEqual([place, [line]]);
    await page.evaluate(takeAway);
    expect([place, await foundInPage()]).toEqual([place, []]);
  }
  await page.reload();
  await expect(tenants.rows().filter({ hasText: 'northwind' })).toBeVisible();
  expect(await foundInPage()).toEqual([]);

  const places = [dataFolder, box.folder, ...sharedPlaces, ...box.sharedPlaces];
  expect(await filesHolding(places, secret, begun)).toEqual([]);
  // Both sides stored the public data, and the search finds it.
  expect(await findTenant(box, 'northwind')).toMatchObject({ quota: 20, suspended: false });
  expect(await filesHolding([dataFolder], ['northwind'], begun)).not.toEqual([]);
  expect(await filesHolding([box.config.stateFolder], ['northwind'], begun)).not.toEqual([]);
});

test('when a tenant is suspended, Undo and Resume give the same ports back; removing wants the right name', async ({
  box,
  openConsole,
}) => {
  const page = await openConsole();
  const { tenants } = createPages(page);
  await tenants.open();
  await addWithNewPair(page, 'globex');
  const before = await findTenant(box, 'globex');
  const row = tenants.rows().filter({ hasText: 'globex' });
  await row.first().click();

  const suspend = page.getByRole('region', { name: 'Suspend globex' });
  const suspendNow = async () => {
    await page.getByRole('button', { name: 'Suspend…' }).click();
    await expect(suspend).toContainText('ke_manage_remote_networks change 0 globex');
    await suspend.getByLabel('Reason', { exact: false }).fill('does not pay');
    await suspend.getByRole('button', { name: 'Suspend', exact: true }).click();
    await expect(suspend).toContainText('done');
    await suspend.getByRole('button', { name: 'Close' }).click();
    await expect(row.first()).toContainText('suspended');
  };
  await suspendNow();
  await page.getByRole('alert').getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('Undone')).toBeVisible();
  await expect(row.first()).not.toContainText('suspended');
  expect(await findTenant(box, 'globex')).toMatchObject({ quota: 20, ports: before?.ports });
  await suspendNow();
  expect(await findTenant(box, 'globex')).toMatchObject({ suspended: true, quota: 0 });

  await page.getByRole('button', { name: 'Resume…' }).click();
  const resume = page.getByRole('region', { name: 'Resume globex' });
  await expect(resume).toContainText('ke_manage_remote_networks change 20 globex');
  await resume.getByLabel('Reason', { exact: false }).fill('has paid');
  await resume.getByRole('button', { name: 'Resume', exact: true }).click();
  await expect(resume).toContainText('done');
  await resume.getByRole('button', { name: 'Close' }).click();
  expect(await findTenant(box, 'globex')).toMatchObject({
    suspended: false,
    quota: 20,
    ports: before?.ports,
  });

  await page.getByRole('button', { name: /^More actions on/u }).click();
  await page.getByRole('menuitem', { name: /^Remove/u }).click();
  const remove = page.getByRole('region', { name: 'Remove globex' });
  await remove.getByLabel('Reason', { exact: false }).fill('contract ended');
  await remove.getByLabel('Type globex to confirm').fill('globexx');
  await expect(remove.getByRole('button', { name: 'Remove', exact: true })).toBeDisabled();
  expect(await findTenant(box, 'globex')).toMatchObject({ quota: 20 });
  await remove.getByLabel('Type globex to confirm').fill('globex');
  await remove.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(row).toHaveCount(0);
  expect(await findTenant(box, 'globex')).toBeUndefined();
});

test('when two tenants are selected by keyboard, both are suspended and resumed with one plan each time', async ({
  box,
  openConsole,
}) => {
  const page = await openConsole();
  const { tenants, heading } = createPages(page);
  await tenants.open();
  for (const clientId of ['umbra', 'vesper']) await addWithNewPair(page, clientId);
  const before = [await findTenant(box, 'umbra'), await findTenant(box, 'vesper')];

  // After this navigation the heading has the focus. The rest of the test uses only the keyboard.
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Go to' }).fill('syslog');
  await page.keyboard.press('Enter');
  await expect(heading('Syslog')).toBeFocused();
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await expect(heading('Tenants & ports')).toBeFocused();
  await page.keyboard.press('/');
  await page.keyboard.type('box');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.press('Escape');

  const grid = page.getByRole('grid', { name: 'Tunnels' });
  const select = async (clientId: string) => {
    const row = grid.getByRole('row', { name: clientId });
    // Answers of the appliance may move rows while the keys are pressed.
    await expect(async () => {
      const index = Number(await row.getAttribute('aria-rowindex')) - 2;
      await page.keyboard.press('j');
      await page.keyboard.press('Home');
      for (let step = 0; step < index; step += 1) await page.keyboard.press('j');
      await expect(row).toHaveAttribute('aria-selected', 'true', { timeout: 2000 });
    }).toPass();
    await page.keyboard.press('x');
    await expect(row.getByRole('checkbox')).toBeChecked();
  };
  await select('umbra');
  await select('vesper');

  await page.keyboard.press('Enter');
  await expect(page.getByRole('complementary', { name: 'vesper' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(grid).toBeFocused();
  await page.keyboard.press('Shift+F10');
  await expect(page.getByRole('menu', { name: /^Actions on vesper/u })).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menu')).toBeHidden();
  await expect(grid).toBeFocused();
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(sheet).toContainText('Select the row for a bulk action');
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();

  const bar = page.getByRole('region', { name: 'Selection' });
  for (const [verb, done, quota] of [
    ['Suspend', 'suspended', 0],
    ['Resume', 'resumed', 20],
  ] as const) {
    await bar.getByRole('button', { name: `${verb}…` }).press('Enter');
    const dialog = page.getByRole('dialog', { name: `${verb} 2 tenants` });
    for (const clientId of ['umbra', 'vesper'])
      await expect(dialog.getByLabel(`Command for ${clientId}`)).toContainText(
        `ke_manage_remote_networks change ${quota} ${clientId}`,
      );
    await expect(dialog.getByLabel('Reason', { exact: false })).toBeFocused();
    await page.keyboard.type('OPS-4711');
    await page.keyboard.press('Enter');
    await expect(dialog).toContainText(`All 2 ${done}.`);
    for (const clientId of ['umbra', 'vesper'])
      expect(await findTenant(box, clientId)).toMatchObject({ quota, suspended: quota === 0 });
    await dialog.getByRole('button', { name: 'Close' }).last().press('Enter');
    await expect(dialog).toBeHidden();
  }
  const ports = [await findTenant(box, 'umbra'), await findTenant(box, 'vesper')].map(
    (tenant) => tenant?.ports,
  );
  expect(ports).toEqual(before.map((tenant) => tenant?.ports));
});
