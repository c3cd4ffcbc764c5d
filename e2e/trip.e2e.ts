import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { createQrFrames } from '../src-shared/model/licence/qrFrames.ts';
import { qrPicture } from '../test-support/qrPicture.ts';
import { expect, test } from './fixtures.ts';
import {
  answerOf,
  button,
  enterOffline,
  makeRequest,
  runAuthority,
  saveRequest,
  textOf,
  verification,
} from './renewals.ts';

/** More presses of Tab than the page has controls. */
const maxTabs = 150;

const picture = (name: string, buffer: Buffer) => ({ name, mimeType: 'image/png', buffer });

/** Presses Tab until a control has the focus, and returns how often. */
async function tabTo(page: Page, name: string | RegExp): Promise<number> {
  const target = page
    .getByRole('button', { name, exact: true })
    .or(page.getByRole('checkbox', { name }))
    .first();
  await expect(target).toBeEnabled();
  for (let presses = 0; presses <= maxTabs; presses += 1) {
    if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) return presses;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${String(name)}`);
}

async function pressControl(page: Page, name: string | RegExp, key = 'Enter'): Promise<number> {
  const presses = await tabTo(page, name);
  await page.keyboard.press(key);
  return presses;
}

test('when only the keyboard is used, a licence is renewed from the licences page to its receipt', async ({
  lab,
  dataFolder,
  openConsole,
}) => {
  const name = await enterOffline(lab, dataFolder);
  runAuthority(lab, ['appliance', 'set', name, '--accounts', '4000']);
  const page = await openConsole();
  await expect(page.getByRole('heading', { level: 1, name: 'Fleet' })).toBeVisible();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Go to' })).toBeFocused();
  await page.keyboard.type('Licences');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Licences' })).toBeVisible();
  const presses = [await pressControl(page, 'Renew offline…'), await pressControl(page, 'Make the request')];
  await expect(page.getByRole('heading', { level: 1, name: 'Renew offline' })).toBeVisible();

  const saving = page.waitForEvent('download');
  presses.push(await pressControl(page, 'Save file…'));
  const request = await textOf(saving);
  presses.push(await pressControl(page, 'I have carried it out (file)'));

  const choosing = page.waitForEvent('filechooser');
  presses.push(await pressControl(page, 'Choose file…'));
  const answer = Buffer.from(answerOf(lab, request));
  await (await choosing).setFiles({ name: 'answer.jws', mimeType: '', buffer: answer });
  await expect(verification(page)).toContainText('10 of 10 passed');

  presses.push(await pressControl(page, /^We can do without/u, 'Space'));
  presses.push(await pressControl(page, `Dry run on ${name}`));
  presses.push(await pressControl(page, `Apply to ${name}`));
  await expect(page.getByRole('region', { name: 'Receipt', exact: true })).toContainText(
    'applied and read back',
  );
  presses.push(await pressControl(page, 'Copy text'));
  presses.push(await pressControl(page, 'The receipt is sent (text)'));
  await expect(page.getByText('This renewal is done.')).toBeVisible();
  // The journey goes on where the focus is: no step sends the user through the whole page again.
  expect(Math.max(...presses), presses.join(' ')).toBeLessThanOrEqual(40);
  runAuthority(lab, ['appliance', 'set', name, '--accounts', '5000']);
});

test('when the answer is a picture of a QR code, pictures of an animated one, or text of a mail, it is read', async ({
  lab,
  dataFolder,
  openConsole,
}) => {
  await enterOffline(lab, dataFolder);
  const page = await openConsole();
  await makeRequest(page);
  const answer = answerOf(lab, await saveRequest(page));
  await button(page, 'I have carried it out (file)').click();
  const files = page.getByLabel('Answer as a file');
  await files.setInputFiles(picture('empty.png', qrPicture('hello')));
  await expect(page.getByText('The text contains no answer.')).toBeVisible();
  await files.setInputFiles(picture('damaged.png', Buffer.from('no picture')));
  await expect(page.getByText('damaged.png can’t be read.')).toBeVisible();
  await files.setInputFiles(picture('answer.png', qrPicture(answer)));
  await expect(verification(page)).toContainText('10 of 10 passed');

  await button(page, 'Reject answer').click();
  const mail = `Dear Ada,\n\n${answer.replaceAll(/.{70}/gu, '> $&\n')}\n\nRegards`.padEnd(1500);
  const { chunks, frameAt } = createQrFrames(mail);
  const frames = Array.from({ length: chunks }, (_, at) => picture(`${at}.png`, qrPicture(frameAt(at))));
  await files.setInputFiles(frames.slice(0, 1));
  await expect(page.getByText(`animated code: 1 of ${chunks} parts read`)).toBeVisible();
  await files.setInputFiles(frames.slice(1));
  await expect(verification(page)).toContainText('10 of 10 passed');

  await button(page, 'Reject answer').click();
  await page.getByLabel('Answer as text').fill(mail);
  await button(page, 'Read the text').click();
  await expect(verification(page)).toContainText('10 of 10 passed');
});

test('when a file of 100 MB is chosen as the answer, it is refused at once, and nothing of it is read', async ({
  lab,
  dataFolder,
  openConsole,
}) => {
  await enterOffline(lab, dataFolder);
  const page = await openConsole();
  await makeRequest(page);
  await button(page, 'I have the answer already').click();
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-garbage-'));
  try {
    const path = join(folder, 'garbage.jws');
    writeFileSync(path, Buffer.alloc(100_000_000, 'eyJ.'));
    await page.getByLabel('Answer as a file').setInputFiles(path);
    await expect(page.getByText('garbage.jws is too large for an answer.')).toBeVisible();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
