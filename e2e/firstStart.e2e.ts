import { expect, test } from './fixtures.ts';
import { createPages } from './pages.ts';

for (const colorScheme of ['dark', 'light'] as const) {
  test.describe(`in ${colorScheme}`, () => {
    test.use({ colorScheme });

    test('when the fleet is empty, an appliance is added only with the expected fingerprint', async ({
      lab,
      openConsole,
    }) => {
      const [appliance] = lab.appliances;
      if (appliance === undefined) throw new Error('the lab is empty');
      const page = await openConsole();
      const { addDialog, heading, fleet, scheme } = createPages(page);
      await expect(heading('Fleet')).toBeVisible();
      expect(await scheme()).toBe(colorScheme);
      const step = (name: string) => page.getByRole('listitem', { name });
      await expect(step('Install the kit on the appliance: to do')).toBeVisible();
      await expect(step('Add the appliance: to do')).toBeVisible();
      await expect(page.getByRole('button', { name: 'Add tenant' })).toBeDisabled();

      await page.getByRole('button', { name: 'Add appliance' }).first().click();
      await addDialog().getByLabel('Address').fill(`${appliance.user}@${appliance.host}:${appliance.port}`);
      await addDialog().getByLabel('Login').selectOption('Key file');
      await addDialog().getByRole('textbox', { name: 'Key file' }).fill(appliance.identityFile);
      await addDialog().getByLabel('Name').fill('Not A Name');
      await addDialog().getByRole('button', { name: 'Fetch fingerprint' }).click();
      await expect(addDialog().getByText('start with a letter or digit', { exact: false })).toBeVisible();
      await addDialog().getByLabel('Name').fill(appliance.name);
      await addDialog().getByRole('button', { name: 'Fetch fingerprint' }).click();

      const fingerprint = addDialog().getByLabel(`Offered fingerprint ${appliance.hostKeySha256}`);
      const expected = addDialog().getByLabel('Paste the fingerprint you expect');
      const accept = addDialog().getByRole('button', { name: `Accept and add ${appliance.name}` });
      await expect(fingerprint).toBeInViewport();
      await expect(expected).toBeFocused();
      await expect(expected).toBeInViewport();
      await expect(accept).toBeDisabled();
      await expected.fill(`SHA256:${'A'.repeat(43)}`);
      await expect(
        addDialog().getByText('✕ This doesn’t match the offered key', { exact: false }),
      ).toBeVisible();
      await expect(accept).toBeDisabled();
      await expected.fill(appliance.hostKeySha256);
      await accept.click();

      await expect(heading(appliance.name)).toBeVisible();
      await fleet.open();
      await expect(fleet.row(appliance.name)).toContainText('connected');
      await expect(fleet.row(appliance.name)).toContainText('1.34.2');
      await expect(fleet.dot(appliance.name, 'OK')).toBeVisible();
    });
  });
}

test('when an appliance is added without a fingerprint, nothing is green before its key was compared', async ({
  lab,
  openConsole,
}) => {
  const [appliance] = lab.appliances;
  if (appliance === undefined) throw new Error('the lab is empty');
  const page = await openConsole();
  const { addDialog, fleet } = createPages(page);
  await page.getByRole('button', { name: 'Add appliance' }).first().click();
  await addDialog().getByLabel('Name').fill('by-hand');
  await addDialog().getByLabel('Address').fill(`${appliance.user}@${appliance.host}:${appliance.port}`);
  await addDialog().getByLabel('Login').selectOption('Key file');
  await addDialog().getByRole('textbox', { name: 'Key file' }).fill(appliance.identityFile);
  await addDialog().getByRole('button', { name: 'Add and compare later' }).click();

  const card = page.getByRole('region', { name: 'First connection' });
  await expect(card.getByLabel(`Offered fingerprint ${appliance.hostKeySha256}`)).toBeVisible();
  await expect(fleet.dot('by-hand', 'OK')).toBeHidden();
  await expect(card.getByRole('button', { name: 'Accept', exact: true })).toBeDisabled();
  await card.getByLabel('I compared every character by eye').check();
  await card.getByRole('button', { name: 'Accept', exact: true }).click();
  await expect(card).toBeHidden();
  await expect(fleet.dot('by-hand', 'OK')).toBeVisible();
});

test('when a CSV is imported twice, the second time nothing is new; a read-only appliance says why it is', async ({
  lab,
  openConsole,
}) => {
  const [appliance] = lab.appliances;
  if (appliance === undefined) throw new Error('the lab is empty');
  const { name, user, host, port, identityFile } = appliance;
  const page = await openConsole();
  const { fleet } = createPages(page);
  const dialog = page.getByRole('dialog', { name: 'Import appliances' });
  const csv = `name,address,key_file,tags\n${name},${user}@${host}:${port},${identityFile},plant-a;depot\n`;
  const importCsv = async () => {
    await page.getByRole('button', { name: 'Import…' }).click();
    await dialog.getByRole('button', { name: 'CSV', exact: true }).click();
    await dialog.getByRole('textbox', { name: 'CSV' }).fill(csv);
  };
  await importCsv();
  await expect(dialog.getByRole('row', { name }).getByText('new')).toBeVisible();
  await dialog.getByRole('button', { name: 'Import 1' }).click();
  await expect(dialog.getByRole('row', { name }).getByText('✓ imported')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(dialog).toBeHidden();
  await importCsv();
  await expect(dialog.getByRole('row', { name }).getByText('unchanged')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Import 0' })).toBeDisabled();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  await page.getByRole('link', { name: 'Tag depot' }).click();
  await expect(page).toHaveURL(/tag=depot/u);
  await fleet.row(name).getByRole('link', { name, exact: true }).click();
  const card = page.getByRole('region', { name: 'First connection' });
  await card.getByLabel('Paste the fingerprint you expect').fill(appliance.hostKeySha256);
  await card.getByRole('button', { name: 'Accept', exact: true }).click();
  await expect(fleet.dot(name, 'OK')).toBeVisible();
  await page.getByRole('button', { name: `More actions on ${name}` }).click();
  await page.getByRole('menuitem', { name: `Make ${name} read-only` }).click();
  await expect(page.getByRole('main').getByText('read-only', { exact: true })).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'Tenants & ports', exact: true }).click();
  const add = page.getByRole('button', { name: 'Add tenant' });
  await expect(add).toBeDisabled();
  await expect(add).toHaveAttribute('title', `${name} is read-only. An admin can unlock it on its page.`);
});
