import { expect, test } from './fixtures.ts';
import { addAppliance } from './programs.ts';
import { createPages } from './pages.ts';

for (const colorScheme of ['dark', 'light'] as const) {
  test.describe(`in ${colorScheme}`, () => {
    test.use({ colorScheme });

    test('fleet → appliance → tenants → syslog → audit', async ({
      lab,
      dataFolder,
      openConsole,
    }, testInfo) => {
      for (const appliance of lab.appliances) await addAppliance(dataFolder, appliance);
      const page = await openConsole();
      const { fleet, heading, tenants, syslog, audit, scheme } = createPages(page);
      const shoot = (name: string) =>
        page.screenshot({ path: testInfo.outputPath(`${colorScheme}-${name}.png`) });

      for (const { name } of lab.appliances) await expect(fleet.row(name)).toContainText('connected');
      // Other tests renew the licence of quay-01 in the same lab.
      await expect(fleet.row('kiln-01')).toContainText('212 d');
      await expect(fleet.dot('kiln-01', 'OK')).toBeVisible();
      expect(await scheme()).toBe(colorScheme);
      await shoot('fleet');

      await fleet.row('quay-01').getByRole('link', { name: 'quay-01' }).click();
      await expect(heading('quay-01')).toBeVisible();
      await expect(page.getByText('1.33.0').first()).toBeVisible();
      // Needs three missed heartbeats and a list after that.
      await expect(page.getByText('T-3002').first()).toBeVisible();
      await shoot('appliance');

      await tenants.open();
      await page.getByRole('searchbox', { name: 'Filter tunnels' }).fill('quay-01');
      const silent = tenants.rows().filter({ hasText: 'session silent' });
      await expect(silent.first()).toBeVisible();
      await expect(tenants.rows().filter({ hasText: 'suspended' }).first()).toBeVisible();
      await expect(tenants.rows().filter({ hasText: 'no session' }).first()).toBeVisible();
      await silent.first().click();
      const layers = page.getByLabel('Layers');
      await expect(layers).toContainText('its client has been silent since');
      await expect(layers.getByRole('listitem')).toHaveCount(6);
      await shoot('tenants');

      await syslog.open();
      await expect(syslog.lines().first()).toBeVisible();
      await page.getByRole('button', { name: 'Following' }).click();
      await expect(page.getByRole('button', { name: 'Paused' })).toBeVisible();
      await expect(syslog.unseen()).toContainText(/\d+ new lines?/);
      const shown = await syslog.lines().allTextContents();
      await expect(syslog.unseen()).toContainText(/([5-9]|\d\d+) new lines/);
      // New lines appear below; the lines that were read stay in place.
      expect((await syslog.lines().allTextContents()).slice(0, shown.length)).toEqual(shown);
      await shoot('syslog');
      await page.getByRole('listbox', { name: 'Syslog lines' }).focus();
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Shift+ArrowUp');
      await expect(page.getByText('2 selected')).toBeVisible();
      const chosen = page.getByRole('option', { selected: true });
      await expect(chosen.first()).toBeInViewport();
      await page.getByRole('button', { name: 'Wrap' }).click();
      await shoot('syslog-wrapped');
      await expect(chosen).toHaveCount(2);
      await page.getByRole('button', { name: 'Wrap' }).click();
      await syslog.unseen().click();
      await expect(page.getByRole('button', { name: 'Following' })).toBeVisible();
      await expect(syslog.unseen()).toBeHidden();

      await audit.open();
      const added = page.getByRole('row').filter({ hasText: 'Appliance added' }).first();
      await expect(added).toContainText('ok');
      await added.click();
      const records = page.getByRole('complementary', { name: 'appliance.add' });
      await expect(records).toContainText(/Intent #\d+.*Outcome #\d+/u);
      await page.getByRole('button', { name: 'Verify' }).click();
      await expect(audit.verdict()).toContainText('Audit trail intact');
      await expect(audit.verdict()).toContainText(/[1-9]\d* records checked/);
      await shoot('audit');
    });
  });
}

test('Ctrl+K reaches appliances, tenants and ports by typing', async ({ lab, dataFolder, openConsole }) => {
  for (const appliance of lab.appliances) await addAppliance(dataFolder, appliance);
  const page = await openConsole();
  const { fleet, heading } = createPages(page);
  await expect(fleet.row('quay-01')).toContainText('connected');
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Go to appliance', { exact: false }).fill('quay-01');
  await page.keyboard.press('Enter');
  await expect(heading('quay-01')).toBeVisible();
  await expect(page).toHaveURL(/#\/appliance\/quay-01$/);
});

test('a second use of the address is refused, and says so', async ({ openConsole, consoles, browser }) => {
  const page = await openConsole();
  await expect(createPages(page).heading('Fleet')).toBeVisible();
  // Another browser with the same printed address, including its token.
  const [address = ''] = consoles.addresses;
  expect(address).toMatch(/#token=[\w-]{22,}/);
  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(address);
  await expect(createPages(stranger).heading('This address is no longer valid')).toBeVisible();
  await expect(stranger.getByText('This one has been used', { exact: false })).toBeVisible();
  await expect(createPages(stranger).heading('Fleet')).toBeHidden();
  await stranger.context().close();
  // The first browser keeps its session.
  await page.reload();
  await expect(createPages(page).heading('Fleet')).toBeVisible();
});
