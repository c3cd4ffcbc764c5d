import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from './fixtures.ts';
import { createPages } from './pages.ts';
import { startWeb } from './programs.ts';
import {
  answerOf,
  button,
  enterOffline,
  makeRequest,
  saveRequest,
  textOf,
  verification,
} from './renewals.ts';

test('when a renewal goes on on another computer and comes back, it is at the step reached there', async ({
  lab,
  dataFolder,
  openConsole,
  browser,
}) => {
  const name = await enterOffline(lab, dataFolder);
  const page = await openConsole();
  await makeRequest(page);
  const answer = answerOf(lab, await saveRequest(page));
  const saving = page.waitForEvent('download');
  await button(page, 'Save trip file…').first().click();
  const tripFile = {
    name: 'trip.json',
    mimeType: 'application/json',
    buffer: Buffer.from(await textOf(saving)),
  };

  const elsewhere = mkdtempSync(join(tmpdir(), 'sallyport-elsewhere-'));
  const web = await startWeb(elsewhere);
  try {
    const other = await browser.newPage();
    await other.goto(web.url);
    await createPages(other).licences.open();
    await button(other, 'Continue from file…').click();
    await other.getByRole('dialog').locator('input[type=file]').setInputFiles(tripFile);
    await expect(other.getByRole('heading', { level: 1, name: 'Renew offline' })).toBeVisible();
    await button(other, 'I have the answer already').click();
    await other.getByLabel('Answer as text').fill(answer);
    await button(other, 'Read the text').click();
    await expect(verification(other)).toContainText('10 of 10 passed');
    await expect(button(other, `Dry run on ${name}: ${name} is not in this console`)).toBeDisabled();
    const back = other.waitForEvent('download');
    await button(other, 'Save trip file…').first().click();
    tripFile.buffer = Buffer.from(await textOf(back));
    await other.close();
  } finally {
    await web.stop();
    rmSync(elsewhere, { recursive: true });
  }
  await createPages(page).licences.open();
  await button(page, 'Continue from file…').click();
  await page.getByRole('dialog').locator('input[type=file]').setInputFiles(tripFile);
  await expect(verification(page)).toContainText('10 of 10 passed');
  await button(page, `Dry run on ${name}`).click();
  await expect(button(page, `Apply to ${name}`)).toBeVisible();
});
