import { rm, writeFile } from 'node:fs/promises';
import { expect, test } from './fixtures.ts';
import { addBox } from './programs.ts';
import { createPages } from './pages.ts';

test('when logger writes a line on a Debian appliance, the page shows it at once as plain text', async ({
  box,
  dataFolder,
  openConsole,
}) => {
  // Debian's rsyslog escapes control characters. This setting keeps them, so that the page must make them
  // visible.
  const setting = box.system.path('/etc/rsyslog.d/10-raw.conf');
  await writeFile(setting, 'global(parser.escapeControlCharactersOnReceive="off")\n');
  await box.restartSyslog();
  await addBox(dataFolder, 'debian', box);
  const page = await openConsole();
  const { fleet, syslog } = createPages(page);
  await expect(fleet.dot('debian', 'OK')).toBeVisible();
  await syslog.open();
  await box.logger('the log is being followed');
  await expect(syslog.lines().filter({ hasText: 'the log is being followed' })).toBeVisible();

  await box.logger('<script>document.title="taken"</script> \u001b[31mred');
  const line = syslog.lines().filter({ hasText: '<script>document.title="taken"</script>' });
  await expect(line).toBeVisible({ timeout: 10_000 });
  await expect(line).toContainText('\u241b[31mred');
  await expect(line.locator('[data-name="ESC"]')).toHaveText('\u241b');
  expect(await line.locator('script').count()).toBe(0);
  expect(await line.textContent()).not.toContain('\u001b');
  expect(await page.title()).not.toBe('taken');
  // Other tests use the box after this one.
  await rm(setting);
  await box.restartSyslog();
});
