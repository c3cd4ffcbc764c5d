import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Page } from '@playwright/test';
import { secretMask } from '../src-shared/model/configuration/configurationKeys.ts';
import { filesHolding } from '../test-support/filesHolding.ts';
import { findForms, formsOf } from '../test-support/secretForms.ts';
import { runSallyport } from '../test-support/runSallyport.ts';
import { expect, test } from './fixtures.ts';
import { replaceText } from './pages.ts';
import { addBox } from './programs.ts';

const planted = {
  password: 'planted pass/wörd+1',
  secretKey: 'planted-secret-key-0123456789',
  privateKey: 'cGxhbnRlZC1wcml2YXRlLWtleS1ib2R5',
  next: 'planted-next-password-9876',
};
const shownName = 'shown-name.example';
const present = `# of the north office
hostname: ${shownName}
db:
  password: "${planted.password}"
  port: 5432
api:
  secret_key: ${planted.secretKey}
pki:
  key: |
    -----BEGIN PRIVATE KEY-----
    ${planted.privateKey}
    -----END PRIVATE KEY-----
`;

const formsOfAll = [...new Set(Object.values(planted).flatMap(formsOf))];

/** Everything that the page got from the console. */
function recordFrames(page: Page): string[] {
  const frames: string[] = [];
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => frames.push(payload.toString())),
  );
  return frames;
}

test('when a configuration is changed, edited by hand and rolled back on a Debian appliance, the page shows each, and no secret leaves the box', async ({
  box,
  dataFolder,
  page,
  openConsole,
}) => {
  const begun = Date.now();
  const file = box.config.configuration;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, present, { mode: 0o640 });
  await addBox(dataFolder, 'kiln-09', box);
  const frames = recordFrames(page);
  await openConsole();
  await page.getByRole('link', { name: 'Configuration' }).click();
  await page.getByRole('link', { name: 'kiln-09' }).first().click();
  await page.goto(`${new URL(page.url()).origin}/#/appliance/kiln-09/configuration`);
  const editor = page.getByRole('textbox', { name: 'Configuration of kiln-09' });
  await expect(editor).toContainText(shownName);
  await expect(editor.getByText('hidden')).toHaveCount(3);
  const masked = present
    .replace(`"${planted.password}"`, `"${secretMask}"`)
    .replace(planted.secretKey, `"${secretMask}"`)
    .replace(/key: \|[^]*$/u, `key: "${secretMask}"\n`);

  // With the keyboard alone: into the editor, Tab indents, and Escape, then Tab leaves.
  await page.getByRole('button', { name: 'Edit', exact: true }).press('Enter');
  await editor.focus();
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('Tab');
  await expect(editor).toBeFocused();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  await expect(editor).not.toBeFocused();

  const plan = page.getByRole('region', { name: 'Apply to kiln-09' });
  const check = page.getByRole('button', { name: 'Check on kiln-09' });
  await replaceText(editor, `${masked.replace('5432', '70000')}smtp:\n  password: "${secretMask}"\n`);
  const findings = page.getByRole('list', { name: 'Findings in the draft' });
  await expect(findings).toContainText('db.port must be a number from 1 to 65535.');
  await expect(findings).toContainText('smtp.password is a mask, but the appliance holds no secret there.');
  await expect(check).toBeDisabled();
  await expect(plan.getByRole('button', { name: 'Apply: fix 2 errors' })).toBeDisabled();

  await replaceText(
    editor,
    masked.replace(shownName, 'new-name.example').replace(`"${secretMask}"`, planted.next),
  );
  await check.click();
  await expect(plan).toContainText('kiln-09 would accept this draft, with 2 changed keys.');
  const changes = page.getByRole('region', { name: 'Changes' });
  await expect(changes).toContainText('(another secret)');
  await changes.getByRole('button', { name: 'Keys' }).click();
  await expect(changes.getByRole('row', { name: /db\.password/u })).toContainText('new (hidden)');
  await expect(changes).toContainText('2 hidden secrets kept: api.secret_key, pki.key');
  await plan.getByRole('textbox', { name: /^Reason/u }).fill('OPS-1');
  await plan.getByRole('button', { name: 'Apply', exact: true }).click();
  await expect(plan).toContainText('Read back from kiln-09: it has the new configuration.');
  const applied = present
    .replace(shownName, 'new-name.example')
    .replace(`"${planted.password}"`, planted.next);
  expect(await readFile(file, 'utf8')).toBe(applied);
  await plan.getByRole('button', { name: 'Close' }).click();

  await writeFile(file, applied.replace('5432', '5433'));
  await page.getByRole('button', { name: 'Read again' }).click();
  await expect(page.getByText('drift: 1 key changed on the appliance')).toBeVisible();
  await page.getByRole('button', { name: 'Compare the change' }).click();
  await expect(changes.getByRole('row', { name: /db\.port/u })).toContainText('~ changed54325433');

  await page.getByRole('button', { name: 'Roll back to 1…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('row', { name: /db\.password/u })).toContainText('changed');
  await dialog.getByRole('textbox', { name: /^Reason/u }).fill('OPS-2');
  await dialog.getByRole('button', { name: 'Roll back', exact: true }).click();
  await expect(dialog).toContainText('Read back from kiln-09');
  expect(await readFile(file, 'utf8')).toBe(present);
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await expect(editor).toContainText(shownName);
  const html = await page.content();
  await page.getByRole('link', { name: 'Audit' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Audit' })).toBeVisible();
  const ofPage = [
    html,
    await page.content(),
    await page.evaluate(() => JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])),
  ];

  const cliFolder = join(dataFolder, 'command-line');
  await addBox(cliFolder, 'kiln-09', box);
  const draftFile = join(box.system.path('/tmp'), 'draft.yml');
  await writeFile(draftFile, applied);
  const printed: string[] = [];
  for (const argv of [
    ['config', 'show', 'kiln-09'],
    ['--json', 'config', 'show', 'kiln-09', '--kept', '2'],
    ['config', 'history', 'kiln-09'],
    ['--json', 'config', 'diff', 'kiln-09', draftFile],
    ['config', 'diff', 'kiln-09', '--kept', '1', '--with', '2'],
    ['config', 'diff', 'kiln-09'],
    ['config', 'apply', 'kiln-09', draftFile, '--reason', 'OPS-3', '--yes'],
    ['--json', 'audit', 'list'],
  ]) {
    const { code, out, err } = await runSallyport(['--data', cliFolder, ...argv]);
    expect([argv.join(' '), code, err]).toEqual([argv.join(' '), 0, expect.any(String)]);
    printed.push(out, err);
  }

  // The same search finds a value that is no secret in each place, so it would find a secret, too.
  for (const texts of [frames, ofPage, printed]) {
    expect(findForms(texts.join('\n'), formsOf(shownName))).not.toEqual([]);
    expect(findForms(texts.join('\n'), formsOfAll)).toEqual([]);
  }
  expect(await filesHolding([dataFolder], formsOfAll, begun)).toEqual([]);
});
