import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { dayMs } from '../src-shared/base/time.ts';
import { createQrFrames } from '../src-shared/model/licence/qrFrames.ts';
import { licenceRequestSchema } from '../src-shared/model/licence/licenceRequest.ts';
import { readDocument } from '../src-shared/model/licence/signedDocument.ts';
import { drawPixels } from '../src-renderer/features/licences/qr/drawQr.ts';
import { encodeModules } from '../src-shared/model/licence/qrModules.ts';
import { addAuthority } from '../test-support/licenceSupply.ts';
import { startBox } from './startBox.ts';
import { addBox } from './programs.ts';
import { expect, test } from './fixtures.ts';

/** What Chromium’s fake camera shows. Opened only when a page uses the camera. */
const cameraFile = join(tmpdir(), `sallyport-camera-${process.pid}.y4m`);

test.use({
  launchOptions: {
    executablePath: process.env['SALLYPORT_CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${cameraFile}`,
    ],
  },
});

/** Writes a video whose frames are the QR codes of a text, in grey. */
async function writeCameraFile(text: string, frames: number): Promise<void> {
  const { frameAt } = createQrFrames(text);
  const side = 640;
  const parts = [Buffer.from(`YUV4MPEG2 W${side} H${side} F10:1 Ip A1:1 C420jpeg\n`)];
  for (let at = 0; at < frames; at += 1) {
    const modules = encodeModules(frameAt(at));
    const { data, width } = drawPixels(modules, Math.floor(side / modules.length));
    const luma = Buffer.alloc(side * side, 255);
    for (let y = 0; y < width; y += 1)
      for (let x = 0; x < width; x += 1) luma[y * side + x] = data[(y * width + x) * 4] ?? 255;
    parts.push(Buffer.from('FRAME\n'), luma, Buffer.alloc((side * side) / 2, 128));
  }
  await writeFile(cameraFile, Buffer.concat(parts));
}

/** Makes a request on the page and returns what the saved file holds. */
async function makeRequest(page: Page) {
  await page.getByRole('button', { name: 'Renew offline…' }).last().click();
  await page.getByRole('button', { name: 'Make the request' }).click();
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save file…' }).click();
  const read = readDocument(await readFile(await (await saving).path(), 'utf8'), 'request');
  if ('problem' in read) throw new Error(read.reason);
  await page.getByRole('button', { name: 'I have carried it out (file)' }).click();
  const { id, nonce } = licenceRequestSchema.parse(read.payload);
  return { id, nonce };
}

const inDays = (days: number) => new Date(Date.now() + days * dayMs).toISOString();

test('when a licence is renewed by files, and again by camera, the appliance has it and the page its receipt', async ({
  dataFolder,
  openConsole,
}) => {
  const entitlements = { accounts: 100, plan: 'standard', internalDevelopment: false };
  const box = await startBox({ licence: null });
  try {
    // The box has no route out: 192.0.2.1 is an address that exists nowhere (RFC 5737).
    const route = await box.system.run(['ip', 'route', 'get', '192.0.2.1']);
    expect(route).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('unreachable') });
    const sign = await addAuthority(box.config);
    const first = await sign({
      sequence: 1,
      expiresAt: inDays(19),
      entitlements: { ...entitlements, connectors: ['smb', 'cq5'] },
    });
    await writeFile(join(box.config.stateFolder, 'licence.jws'), first, { mode: 0o640 });
    await addBox(dataFolder, 'quay-01', box);
    const page = await openConsole();
    await page.getByRole('link', { name: 'Licences' }).click();
    await expect(page.getByRole('region', { name: 'Needs action' })).toContainText('quay-01');

    const request = await makeRequest(page);
    const answer = await sign({
      sequence: 2,
      request,
      expiresAt: inDays(384),
      entitlements: { ...entitlements, connectors: ['smb'] },
    });
    // A reload loses nothing, because the console keeps the renewal.
    await page.reload();
    await page
      .getByLabel('Answer as a file')
      .setInputFiles({ name: 'answer.jws', mimeType: '', buffer: Buffer.from(`${answer}\n`) });
    await expect(page.getByRole('region', { name: 'Verification' })).toContainText('10 of 10 passed');
    await page.getByRole('checkbox').click();
    await page.getByRole('button', { name: 'Dry run on quay-01', exact: true }).click();
    await page.getByRole('button', { name: 'Apply to quay-01', exact: true }).click();
    await expect(page.getByRole('region', { name: 'Receipt' })).toContainText('2, before 1');
    await page.getByRole('button', { name: 'Copy text' }).click();
    await page.getByRole('button', { name: /^The receipt is sent/u }).click();
    await expect(page.getByText('This renewal is done.')).toBeVisible();
    const shown = await box.ke(['ke_manage_license_key', 'show', '--json']);
    expect(JSON.parse(shown.stdout)).toMatchObject({ state: 'valid', sequence: 2 });

    await page.getByRole('link', { name: 'Licences', exact: true }).click();
    const again = await makeRequest(page);
    const long = 'x'.repeat(1500);
    const second = await sign({
      sequence: 3,
      request: again,
      expiresAt: inDays(400),
      entitlements: { ...entitlements, connectors: ['smb'] },
      configuration: { revision: 1, set: { 'notes.text': long } },
    });
    await writeCameraFile(second, 40);
    await page.getByRole('button', { name: 'Use the camera…' }).click();
    await expect(page.getByRole('region', { name: 'Verification' })).toContainText('sequence 3');
    expect(page.url()).toContain('?camera');
    await page.getByRole('link', { name: 'Fleet 1' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Fleet' })).toBeVisible();
    await expect.poll(() => page.url()).not.toContain('?camera');
  } finally {
    await box.stop();
  }
});
