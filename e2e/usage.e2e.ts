import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { z } from 'zod';
import { formatCount } from '../src-shared/base/formatCount.ts';
import { minuteMs } from '../src-shared/base/time.ts';
import { hashField } from '../src-shared/model/usage/hashedFields.ts';
import { aPlan } from '../test-support/billing/aPlan.ts';
import { fillBoxAccounts } from '../test-support/boxAccounts.ts';
import { filesHolding } from '../test-support/filesHolding.ts';
import { startBox } from './startBox.ts';
import { expect, test as base } from './fixtures.ts';
import { addBox } from './programs.ts';

const run = promisify(execFile);
const month = new Date().toISOString().slice(0, 7);
const monthStart = Date.parse(`${month}-01T00:00:00.000Z`);

type UsageBox = Awaited<ReturnType<typeof startUsageBox>>;

/** A stock box with accounts, a price plan, and a licence that permits internal development. */
async function startUsageBox(folder: string) {
  const box = await startBox({
    licence: {
      entitlements: { accounts: null, connectors: ['smb'], plan: 'graduated', internalDevelopment: true },
      plans: [aPlan()],
    },
  });
  return { box, accounts: await fillBoxAccounts(box.config, { folder, accounts: 600 }) };
}

const test = base.extend<{ usage: UsageBox }>({
  usage: async ({ dataFolder }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-usage-e2e-'));
    const started = await startUsageBox(folder);
    try {
      await addBox(dataFolder, 'quay-01', started.box);
      await use(started);
    } finally {
      await started.box.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
});

const invoice = (page: Page) => page.getByRole('region', { name: 'Invoice' });
const report = (page: Page) => page.getByRole('region', { name: 'What would be sent' });

async function openUsage(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Usage & billing' }).click();
  const all = page.getByRole('table', { name: 'Usage of all appliances' });
  await all.getByRole('link', { name: 'quay-01' }).click();
  await expect(invoice(page)).toBeVisible();
}

const countSchema = z.object({ name: z.string(), before: z.number(), now: z.number() });

/** Billed non-admin accounts by connector at the end of the month before, and now: by plain SQL, apart from the program. */
const countUsers = (accounts: UsageBox['accounts']) =>
  accounts.query(
    countSchema,
    `SELECT c.name AS name,
        SUM(CASE WHEN a.connected_at < ${monthStart} AND (a.deactivated_at IS NULL OR a.deactivated_at >= ${monthStart})
          THEN 1 ELSE 0 END) AS before,
        SUM(CASE WHEN a.deactivated_at IS NULL THEN 1 ELSE 0 END) AS now
      FROM account a JOIN connector c ON c.id = a.connector_id JOIN application p ON p.id = a.application_id
      WHERE a.is_admin = 0 AND a.is_internal = 0 AND p.is_internal = 0 GROUP BY c.name`,
  );

test('when the bill went up, three clicks say by how much, in which connectors, and which accounts are new', async ({
  usage,
  openConsole,
}) => {
  const page = await openConsole();
  const begun = Date.now();
  let clicks = 2;
  await openUsage(page);
  await expect(invoice(page)).toContainText(/\d % more than \w+/u);
  await invoice(page).getByRole('button', { name: 'Active users, first 1,000' }).click();
  clicks += 1;
  const changed = (await countUsers(usage.accounts))
    .filter(({ before, now }) => now !== before)
    .toSorted((a, b) => Math.abs(b.now - b.before) - Math.abs(a.now - a.before));
  const [most] = changed;
  if (most === undefined) throw new Error('no connector changed');
  const added = most.now - most.before;
  const cause = invoice(page)
    .getByRole('row')
    .filter({ hasText: `${formatCount(added)} more in ${most.name}` });
  await expect(cause).toContainText(`${most.before} → ${most.now} accounts`);
  await expect(cause).toContainText(`+${(added * 1.2).toFixed(2)}`);
  await expect(invoice(page).getByRole('row', { name: /(?:more|fewer) in/u })).toHaveCount(changed.length);
  expect([clicks, Date.now() - begun < minuteMs]).toEqual([3, true]);

  await cause.getByRole('button', { name: 'Show accounts connected this month' }).click();
  await expect(report(page)).toContainText(`accounts of ${most.name}`);
  const { stdout } = await usage.box.ke(['ke_usage_report', '--kind', 'per-user']);
  const isNew = (line: string) =>
    line.includes(`"active":true,"admin":false,"connector":"${most.name}"`) &&
    line.includes('"internal":false') &&
    line.includes(`"connected":"${month}`);
  const fresh = stdout.split('\n').filter(isNew).length;
  await expect(report(page)).toContainText(new RegExp(`^.*0 of ${fresh} rows are in plain text`, 'u'));
});

const nameSchema = z.object({ name: z.string() });
const isInternalSql = 'a.is_internal = 1 OR p.is_internal = 1';
const readNames = (accounts: UsageBox['accounts'], condition: string) =>
  accounts.query(
    nameSchema,
    `SELECT a.user_name AS name FROM account a JOIN application p ON p.id = a.application_id
      WHERE a.user_name IS NOT NULL AND ${condition} ORDER BY a.id`,
  );

test('when one account is searched, no frame, file, address or storage has its name, and its hash was sent', async ({
  usage,
  dataFolder,
  openConsole,
}) => {
  const begun = Date.now();
  const page = await openConsole();
  const frames: string[] = [];
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => frames.push(payload.toString('latin1'))),
  );
  // The connection from before would not be seen. Leaving before the token is used would lose it.
  await expect(page.getByRole('heading', { level: 1, name: 'Fleet' })).toBeVisible();
  await page.reload();
  await openUsage(page);
  const [hidden] = await readNames(usage.accounts, `NOT (${isInternalSql})`);
  const [named] = await readNames(usage.accounts, isInternalSql);
  if (hidden === undefined || named === undefined) throw new Error('the population is too small');
  const field = report(page).getByRole('textbox');
  await field.fill(hidden.name);
  await field.press('Enter');
  const found = report(page).getByRole('list', { name: 'Found accounts' });
  await expect(found).toContainText('Hashed');
  await field.fill(named.name);
  await field.press('Enter');
  await expect(found).toContainText('In plain text');
  await field.fill('not-here@example.com');
  await field.press('Enter');
  await expect(report(page)).toContainText('Not in the report. All 600 accounts were searched.');

  const hash = hashField('userName', hidden.name) ?? '';
  const kept = await page.evaluate<string>(
    `JSON.stringify([location.href, { ...localStorage }, { ...sessionStorage }, history.state])`,
  );
  const sent = frames.join('\n');
  expect(sent).toContain(hash);
  expect(`${sent}${kept}`.toLowerCase()).not.toContain(hidden.name.toLowerCase());
  expect(await filesHolding([dataFolder], [hidden.name, hash], begun)).toEqual([]);
  // The control: what the console does keep is found.
  expect(await filesHolding([dataFolder], ['usage.report'], begun)).not.toEqual([]);
});

test('when the report is shown and exported, plain text comes first, and the archive has the appliance’s bytes', async ({
  usage,
  openConsole,
}) => {
  const page = await openConsole();
  await openUsage(page);
  const { stdout } = await usage.box.ke(['ke_usage_report', '--kind', 'per-user']);
  const internal = stdout.split('\n').filter((line) => line.endsWith('"internal":true}'));
  await expect(page.getByRole('region', { name: 'What leaves the building' })).toContainText(
    `${internal.length} accounts in plain text`,
  );
  await expect(report(page)).toContainText(`${internal.length} of 600 rows are in plain text, listed first.`);
  const first = report(page).getByRole('grid').getByRole('row').nth(1);
  await expect(first).toContainText('plain text');
  await expect(first).toContainText(
    z.object({ userName: z.string() }).parse(JSON.parse(internal[0] ?? '')).userName,
  );

  await page.getByRole('button', { name: 'Export signed statement…' }).click();
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Sign and save' }).click();
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-statement-e2e-'));
  try {
    await run('tar', ['-xzf', await (await saving).path(), '-C', folder, '--strip-components=1']);
    expect(await readFile(join(folder, 'report.jsonl'), 'utf8')).toBe(stdout);
    await run('sha256sum', ['--check', 'SHA256SUMS'], { cwd: folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('when the database breaks, the page says so, shows the last good amounts, and never a 0', async ({
  usage,
  openConsole,
}) => {
  const page = await openConsole();
  await openUsage(page);
  const total = await invoice(page)
    .getByRole('row', { name: /^Total/u })
    .textContent();
  await rename(usage.accounts.path, `${usage.accounts.path}.away`);
  await writeFile(usage.accounts.path, 'this is no database'.repeat(1000), { mode: 0o600 });
  await page.getByRole('button', { name: 'Count again' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'DATABASE_UNUSABLE' }).first()).toBeVisible();
  await expect(page.getByText('Shown are the last complete counts')).toBeVisible();
  await expect(invoice(page).getByRole('row', { name: /^Total/u })).toContainText(total?.slice(5, 8) ?? '-');
});
