import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from './fixtures.ts';
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
    await other.getByRole('link', { name: 'Licences', exact: true }).click();
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
  await page.getByRole('link', { name: 'Licences', exact: true }).click();
  await button(page, 'Continue from file…').click();
  await page.getByRole('dialog').locator('input[type=file]').setInputFiles(tripFile);
  await expect(verification(page)).toContainText('10 of 10 passed');
  await button(page, `Dry run on ${name}`).click();
  await expect(button(page, `Apply to ${name}`)).toBeVisible();
});

test('when a second request is made, the first one is void, says so, and its answer is refused', async ({
  lab,
  dataFolder,
  openConsole,
}) => {
  await enterOffline(lab, dataFolder);
  const page = await openConsole();
  await makeRequest(page);
  const first = page.url();
  const old = answerOf(lab, await saveRequest(page));
  await page.getByRole('link', { name: 'Licences', exact: true }).click();
  await page.getByRole('region', { name: 'Needs action' }).waitFor();
  await page.getByRole('button', { name: 'Renew offline…' }).first().click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('A new request makes it void, and its answer is then refused.');
  await dialog.getByRole('button', { name: 'Make the request' }).click();
  await expect(button(page, 'I have the answer already')).toBeVisible();
  await expect.poll(() => page.url()).not.toBe(first);
  await button(page, 'I have the answer already').click();
  await page.getByLabel('Answer as text').fill(old);
  await button(page, 'Read the text').click();
  await expect(page.getByRole('list', { name: 'Checks on this computer' })).toContainText(
    'it answers another request',
  );
  await expect(button(page, 'Reject answer')).toBeVisible();
  await page.goto(first);
  await expect(page.getByText('This renewal is void, because a newer request was made')).toBeVisible();
});

test('when the console restarts at any step, the renewal goes on there', async ({
  lab,
  dataFolder,
  page,
}) => {
  const name = await enterOffline(lab, dataFolder);
  let web = await startWeb(dataFolder);
  let path = '#/';
  const restart = async () => {
    path = new URL(page.url()).hash;
    await page.goto('about:blank');
    await web.stop();
    web = await startWeb(dataFolder);
    await page.goto(web.url);
    await expect(page.getByRole('heading', { level: 1, name: 'Fleet' })).toBeVisible();
    await page.goto(`${new URL(web.url).origin}/${path}`);
  };
  try {
    await page.goto(web.url);
    await makeRequest(page);
    await restart();
    const answer = answerOf(lab, await saveRequest(page));
    await button(page, 'I have carried it out (file)').click();
    await restart();
    await page.getByLabel('Answer as text').fill(answer);
    await button(page, 'Read the text').click();
    await expect(verification(page)).toContainText('10 of 10 passed');
    await restart();
    await button(page, `Dry run on ${name}`).click();
    await expect(button(page, `Apply to ${name}`)).toBeVisible();
    await restart();
    await button(page, `Apply to ${name}`).click();
    const receipt = page.getByRole('region', { name: 'Receipt', exact: true });
    await expect(receipt).toContainText('applied and read back');
    await restart();
    await expect(receipt).toContainText('applied and read back');
    await button(page, 'Finish without sending it').click();
    await expect(page.getByText('This renewal is done.')).toBeVisible();
    await restart();
    await expect(page.getByText('This renewal is done.')).toBeVisible();
  } finally {
    await page.close();
    await web.stop();
  }
});
