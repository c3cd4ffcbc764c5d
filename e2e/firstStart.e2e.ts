import { expect, test } from './fixtures.ts';
import { pagesOf } from './pages.ts';

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
      const { addDialog, heading, fleet, scheme } = pagesOf(page);
      await expect(heading('Fleet')).toBeVisible();
      expect(await scheme()).toBe(colorScheme);
      await expect(page.getByText('No appliance', { exact: false }).first()).toBeVisible();

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
      await expect(addDialog().getByText('✕ This is not the offered key', { exact: false })).toBeVisible();
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
  const { addDialog, fleet } = pagesOf(page);
  await page.getByRole('button', { name: 'Add appliance' }).first().click();
  await addDialog().getByLabel('Name').fill('by-hand');
  await addDialog().getByLabel('Address').fill(`${appliance.user}@${appliance.host}:${appliance.port}`);
  await addDialog().getByLabel('Login').selectOption('Key file');
  await addDialog().getByRole('textbox', { name: 'Key file' }).fill(appliance.identityFile);
  await addDialog().getByRole('button', { name: 'Add, compare later' }).click();

  const card = page.getByRole('region', { name: 'First contact' });
  await expect(card.getByLabel(`Offered fingerprint ${appliance.hostKeySha256}`)).toBeVisible();
  await expect(fleet.dot('by-hand', 'OK')).toBeHidden();
  await expect(card.getByRole('button', { name: 'Accept', exact: true })).toBeDisabled();
  await card.getByLabel('I compared every character by eye').check();
  await card.getByRole('button', { name: 'Accept', exact: true }).click();
  await expect(card).toBeHidden();
  await expect(fleet.dot('by-hand', 'OK')).toBeVisible();
});
