import {
  type LabAnnouncement,
  labAnnouncementSchema,
} from '../src-shared/model/appliance/labAnnouncement.ts';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium, type Page } from '@playwright/test';
import { z } from 'zod';
import { addAppliance, startProgram, startWeb } from '../e2e/programs.ts';
import { createPages, replaceText } from '../e2e/pages.ts';
import { answerOf, button, makeRequest, runAuthority, saveRequest, verification } from '../e2e/renewals.ts';
import { addUsageHistory } from '../test-support/billing/usageHistory.ts';
import { cliProgram } from '../test-support/cliProgram.ts';
import { writeLastNight } from '../test-support/lastNight.ts';
import { buildWhereStale } from './build.ts';

const run = promisify(execFile);

/**
 * Takes the pictures in the documentation from the running program and its lab: `npm run screenshots`, or only those that are
 * named: `npm run screenshots -- syslog-search`.
 */
const folder = 'docs/images';
const shots = [
  { name: 'fleet', path: '/' },
  { name: 'tenants', path: '/tenants' },
  { name: 'appliance', path: '/appliance/quay-01' },
  { name: 'plan', path: '/tenants' },
  { name: 'connect-yaml', path: '/connect-yaml' },
  { name: 'usage', path: '/appliance/kiln-01/usage?line=users%2Ftier-2' },
  { name: 'configuration', path: '/appliance/kiln-01/configuration' },
  { name: 'run-on-many', path: '/run' },
  { name: 'licences', path: '/licences' },
  { name: 'licence-carry', path: '/licences' },
  { name: 'licence-verify', path: null },
  { name: 'syslog', path: '/syslog' },
  { name: 'syslog-search', path: '/syslog?show=search&find=tenant%3Anorthwind%20time%3A03%3A05..03%3A15' },
] as const;

/** Based on published examples, with typical mistakes. */
const faultyConnectYaml = `appliance: kiln-01.example.com
ssh_key: ./ssh_key.priv
repositories:
  headquarters:
    files: smb://files.nw.lan
    documents: cmis://cmis.nw.lan:443/cmisatom
    intranet: webdva+http://dav.nw.lan:80/
`;

const faultyConfiguration = `# kiln-01, an appliance of the lab. Restart the services after a change.
hostname: kiln-01.plant-a.example
ssl:
  is_configured: true
db:
  name: platform
  user: platform
  password: "••••••••"
  hots: db.kiln-01.example
  port: 543300
redis:
  host: redis.kiln-01.example
  password: "••••••••"
api:
  secret_key: n3w-s3cret
  aes_key: "••••••••"
devs:
  secret_key: "••••••••"
`;

/** Begins a draft with a wrong port, a misspelt key and a new secret. */
async function draftConfiguration(page: Page): Promise<void> {
  const editor = page.getByRole('textbox', { name: 'Configuration of kiln-01' });
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await replaceText(editor, faultyConfiguration);
  await page.getByRole('button', { name: 'Apply: fix 1 error' }).waitFor();
  await editor.press('Control+Home');
}

/** Goes on with the open renewal as far as its answer, which takes accounts away. */
async function readAnswer(page: Page, announced: LabAnnouncement): Promise<void> {
  const [name] = announced.authority.offline;
  if (name === undefined) throw new Error('the lab has no offline appliance');
  runAuthority(announced, ['appliance', 'set', name, '--accounts', '4000']);
  const request = await saveRequest(page);
  await button(page, 'I have carried it out (file)').click();
  const buffer = Buffer.from(answerOf(announced, request));
  await page.getByLabel('Answer as a file').setInputFiles({ name: 'answer.jws', mimeType: '', buffer });
  await verification(page)
    .getByText(/of \d+ passed/u)
    .waitFor();
}

/** Reads the licences of all appliances, and shows one that differs from most. */
async function readOnMany(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Select appliances' }).click();
  await page.getByRole('menuitem', { name: 'All', exact: true }).click();
  await page.getByRole('combobox', { name: 'Command' }).selectOption('licence');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: /^Start on/u }).click();
  await page.getByTestId('run-state').filter({ hasText: 'finished' }).waitFor();
  await page
    .getByRole('grid', { name: 'Results' })
    .getByRole('row')
    .filter({ hasText: 'differs' })
    .first()
    .click();
}

/** Waits until the lines of last night are read, and folds the repeated ones. */
async function openStory(page: Page): Promise<void> {
  await page.getByText('The client stopped answering').waitFor();
  await page.getByText('Older lines are still being read.').waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Fold repeats' }).click();
  await page.getByTestId('kept-fold').first().waitFor();
}

/** Counts an appliance, and adds the counts that a console in use would have kept on the days before. */
async function keepUsageHistory(name: string): Promise<void> {
  const { stdout } = await run(process.execPath, [
    cliProgram,
    '--data',
    dataFolder,
    '--json',
    'usage',
    'diff',
    name,
  ]);
  const { applianceId } = z.object({ applianceId: z.uuid() }).parse(JSON.parse(stdout));
  addUsageHistory(dataFolder, { applianceId, days: 75, burst: 'cmis' });
}

/** Waits for the comparison with the month before, and for the chart, which are read after the invoice. */
async function waitForUsage(page: Page): Promise<void> {
  await page.getByText('Show accounts connected this month').first().waitFor();
  await page.getByText('kept on this computer').waitFor();
}

/** They cover the page for some seconds. */
async function closeToasts(page: Page): Promise<void> {
  const toasts = page.getByRole('alert').getByRole('button', { name: 'Close' });
  while ((await toasts.count()) > 0) {
    const toast = await toasts.first().elementHandle();
    await toast?.click();
    await toast?.waitForElementState('hidden');
  }
}

await buildWhereStale('console');
mkdirSync(folder, { recursive: true });
const dataFolder = mkdtempSync(join(tmpdir(), 'sallyport-shots-'));
const lab = await startProgram('--json', 'lab');
const announced = labAnnouncementSchema.parse(JSON.parse(lab.firstLine));
writeLastNight({ labFolder: announced.folder, appliance: 'kiln-01', clientId: 'northwind' });
for (const appliance of announced.appliances) await addAppliance(dataFolder, appliance);
await keepUsageHistory('kiln-01');
const web = await startWeb(dataFolder);
const browser = await chromium.launch({
  executablePath: process.env['SALLYPORT_CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  const { url } = web;
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(url);
  const { fleet, tenants, syslog } = createPages(page);
  await fleet.dot('kiln-01', 'OK').waitFor();
  await tenants.open();
  // Every fault of the lab shows on the fleet page once the last one was seen.
  await tenants.rows().filter({ hasText: 'session silent' }).first().waitFor({ timeout: 60_000 });
  const refused = tenants.rows().filter({ hasText: 'upstream refused' }).first();
  await refused.waitFor({ timeout: 60_000 });
  const well = tenants.rows().filter({ hasText: 'acme' }).first();
  const chosenRows = { tenants: refused, plan: well } as const;
  const named = process.argv.slice(2);
  for (const { name, path } of shots) {
    if (named.length > 0 && !named.includes(name)) continue;
    if (path !== null) await page.goto(`${new URL(url).origin}/#${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    if (name === 'tenants' || name === 'plan') await chosenRows[name].click();
    if (name === 'plan') {
      await page.getByRole('button', { name: 'Suspend…' }).click();
      await page.getByText('ke_manage_remote_networks change 0').waitFor();
    }
    if (name === 'connect-yaml') await page.getByRole('textbox').first().fill(faultyConnectYaml);
    if (name === 'usage') await waitForUsage(page);
    if (name === 'configuration') await draftConfiguration(page);
    if (name === 'run-on-many') await readOnMany(page);
    if (name === 'licences') await page.getByRole('region', { name: 'Needs action' }).waitFor();
    if (name === 'licence-carry') await makeRequest(page);
    if (name === 'licence-carry') await page.getByText('decoded and checked').waitFor();
    if (name === 'licence-verify') await readAnswer(page, announced);
    if (path === '/syslog') await syslog.lines().nth(20).waitFor();
    if (name === 'syslog-search') await openStory(page);
    await closeToasts(page);
    await page.mouse.move(0, 899);
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
      console.log(`${folder}/${name}-${colorScheme}.png`);
    }
  }
} finally {
  await browser.close();
  await web.stop();
  await lab.stop();
  rmSync(dataFolder, { recursive: true, force: true });
}
