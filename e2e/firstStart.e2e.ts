import { expect, test } from './fixtures.ts';
import { pagesOf } from './pages.ts';

for (const colorScheme of ['dark', 'light'] as const) {
  test.describe(`in ${colorScheme}`, () => {
    test.use({ colorScheme });

    test('first start: an empty fleet says what to do, and an appliance is added by hand with its fingerprint', async ({
      lab,
      openConsole,
    }) => {
      const [appliance] = lab.appliances;
      if (appliance === undefined) throw new Error('the lab is empty');
      const page = await openConsole();
      const { addDialog, heading, fleet, scheme } = pagesOf(page);
      await expect(heading('Fleet')).toBeVisible();
      expect(await scheme()).toBe(colorScheme);
      await expect(page.getByText('No appliance', { exact: false }).first()).toBeVisible();

      await page.getByRole('button', { name: 'Add appliance' }).first().click();
      await addDialog().getByLabel('Name').fill('Not A Name');
      await addDialog().getByRole('button', { name: 'Add appliance' }).click();
      await expect(addDialog().getByText('start with a letter or digit', { exact: false })).toBeVisible();

      await addDialog().getByLabel('Name').fill(appliance.name);
      await addDialog().getByLabel('Address').fill(`${appliance.user}@${appliance.host}:${appliance.port}`);
      await addDialog().getByRole('textbox', { name: 'Key file' }).fill(appliance.identityFile);
      await addDialog().getByRole('button', { name: 'Fetch fingerprint' }).click();
      await expect(addDialog().getByLabel(`Offered fingerprint ${appliance.hostKeySha256}`)).toBeVisible();
      await addDialog().getByRole('button', { name: 'Accept', exact: true }).click();
      await addDialog().getByRole('button', { name: 'Add appliance' }).click();

      await expect(heading(appliance.name)).toBeVisible();
      await fleet.open();
      await expect(fleet.row(appliance.name)).toContainText('connected');
      await expect(fleet.row(appliance.name)).toContainText('1.34.2');
      await expect(fleet.dot(appliance.name, 'OK')).toBeVisible();
    });
  });
}

test('first contact without a fingerprint waits for a yes, and nothing is green before it', async ({
  lab,
  openConsole,
}) => {
  const [appliance] = lab.appliances;
  if (appliance === undefined) throw new Error('the lab is empty');
  const page = await openConsole();
  const { addDialog, fleet } = pagesOf(page);
  await page.getByRole('button', { name: 'Add appliance' }).first().click();
  await addDialog().getByLabel('Name').fill('by-hand');
  await addDialog().getByLabel('Address').fill(`${appliance.user}@${appliance.host}:${appliance.port}`);
  await addDialog().getByRole('textbox', { name: 'Key file' }).fill(appliance.identityFile);
  await addDialog().getByRole('button', { name: 'Add appliance' }).click();

  const card = page.getByRole('region', { name: 'First contact' });
  await expect(card.getByLabel(`Offered fingerprint ${appliance.hostKeySha256}`)).toBeVisible();
  await expect(fleet.dot('by-hand', 'OK')).toBeHidden();
  await card.getByRole('button', { name: 'Accept', exact: true }).click();
  await expect(card).toBeHidden();
  await expect(fleet.dot('by-hand', 'OK')).toBeVisible();
});
