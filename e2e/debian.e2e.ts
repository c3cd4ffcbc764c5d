import { startDebianAppliance } from '../test-support/debianSshd.ts';
import { expect, test } from './fixtures.ts';
import { addAppliance } from './programs.ts';
import { pagesOf } from './pages.ts';

test("a line written with logger on a Debian appliance is on the page at once, and it's text whatever it holds", async ({
  dataFolder,
  openConsole,
}) => {
  const appliance = await startDebianAppliance();
  try {
    const { host, port, adminUser, adminKeyFile } = appliance;
    const hostKeySha256 = appliance.hostKey().fingerprint;
    const entry = { name: 'debian', host, port, user: adminUser, identityFile: adminKeyFile, hostKeySha256 };
    await addAppliance(dataFolder, entry, { sudo: 'none' });
    const page = await openConsole();
    const { fleet, syslog } = pagesOf(page);
    await expect(fleet.dot('debian', 'well')).toBeVisible();
    await syslog.open();
    await appliance.logger('the log is being followed');
    await expect(syslog.lines().filter({ hasText: 'the log is being followed' })).toBeVisible();

    await appliance.logger('<script>document.title="taken"</script> \u001b[31mred');
    const line = syslog.lines().filter({ hasText: '<script>document.title="taken"</script>' });
    await expect(line).toBeVisible({ timeout: 10_000 });
    // This syslog keeps control characters as they came, so that the page has one to make visible.
    await expect(line).toContainText('\u241b[31mred');
    await expect(line.locator('.control[data-name="ESC"]')).toHaveText('\u241b');
    expect(await line.locator('script').count()).toBe(0);
    expect(await line.textContent()).not.toContain('\u001b');
    expect(await page.title()).not.toBe('taken');
  } finally {
    await appliance.stop();
  }
});
