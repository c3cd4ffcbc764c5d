import { chromium, expect, type Page } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { addBox, startWeb } from '../e2e/programs.ts';
import playwright from '../playwright.config.ts';
import { buildWhereStale } from '../scripts/build.ts';
import { formatCount } from '../src-shared/base/formatCount.ts';
import { maxReportRows } from '../src-shared/model/usage/reportRows.ts';
import { aPlan } from '../test-support/billing/aPlan.ts';
import { fillBoxAccounts } from '../test-support/boxAccounts.ts';
import { startStockBox } from '../test-support/stockBox.ts';
import { measureMachine, scrollToAndFro, summarizeFrames, workedMs } from './frames.ts';
import { describeMachine } from './machine.ts';
import { runInOwnNetwork, say } from './program.ts';

/*
 * npm run bench:usage-scroll -- [--accounts 1000000] [--seconds 10] [--json]
 *
 * Opens the per-user report of a stock box behind its own sshd on the page. Measures the time to its first rows, to a found
 * account, and between frames while the table is scrolled from end to end and back, first while the report still arrives and
 * then a later page of its rows. For comparison, frames of an empty page with 12 ms of work each. Needs root.
 */
const { values } = parseArgs({
  options: {
    accounts: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  },
});
const accounts = Number(values.accounts);
const scrollMs = Number(values.seconds) * 1000;
const patienceMs = 300_000;

/** Milliseconds from now until `isThere` resolves. */
async function timeUntil(isThere: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await isThere();
  return Math.round(performance.now() - started);
}

async function measure(page: Page) {
  const machinePage = await page.context().newPage();
  const machineBefore = await measureMachine(machinePage.locator('body'));
  await page.bringToFront();
  const report = page.getByRole('region', { name: 'What would be sent' });
  const grid = report.getByRole('grid');
  const table = report.getByTestId('table');
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const scroll = async () => {
    const workedBefore = await workedMs(session);
    const frames = await scrollToAndFro(table, scrollMs);
    const workMs = ((await workedMs(session)) - workedBefore) / frames.length;
    return { ...summarizeFrames(frames), workMs: Math.round(workMs * 10) / 10 };
  };
  await report.getByRole('button', { name: 'Read the report' }).click();
  const firstRowsMs = await timeUntil(() => grid.getByRole('row').nth(1).waitFor({ timeout: patienceMs }));
  const arriving = await scroll();
  const whole = report.getByText('Reading:');
  const wholeMs = await timeUntil(() => whole.waitFor({ state: 'hidden', timeout: patienceMs }));
  const next = report.getByRole('button', { name: 'Next' });
  await next.click();
  const nextMs = await timeUntil(() =>
    expect(report).toContainText(
      `Hashed rows ${formatCount(maxReportRows + 1)}–${formatCount(2 * maxReportRows)}`,
      {
        timeout: patienceMs,
      },
    ),
  );
  const later = await scroll();
  await report.getByRole('textbox').first().fill('anna@example.com');
  await report.getByRole('button', { name: 'Search', exact: true }).click();
  const searchMs = await timeUntil(() =>
    report.getByText('accounts were searched').waitFor({ timeout: patienceMs }),
  );
  await machinePage.bringToFront();
  const machineAfter = await measureMachine(machinePage.locator('body'));
  return {
    firstRowsMs,
    wholeMs,
    nextMs,
    searchMs,
    arriving,
    later,
    idle: summarizeFrames([...machineBefore, ...machineAfter]),
  };
}

async function run() {
  await buildWhereStale('console');
  const folder = mkdtempSync(join(tmpdir(), 'bench-usage-scroll-'));
  const box = await startStockBox({
    licence: {
      entitlements: { accounts: null, connectors: ['smb'], plan: 'graduated', internalDevelopment: true },
      plans: [aPlan()],
    },
  });
  try {
    say(`filling the box with ${formatCount(accounts)} accounts`);
    await fillBoxAccounts(box.config, { folder, accounts });
    await addBox(join(folder, 'data'), 'quay-01', box);
    const web = await startWeb(join(folder, 'data'));
    const browser = await chromium.launch(playwright.use?.launchOptions);
    try {
      const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
      await page.goto(web.url);
      await page.getByRole('link', { name: 'Usage & billing' }).click();
      const all = page.getByRole('table', { name: 'Usage of all appliances' });
      const previewMs = await timeUntil(() =>
        all.getByRole('link', { name: 'quay-01' }).click({ timeout: patienceMs }),
      );
      await page.getByRole('region', { name: 'Invoice' }).waitFor({ timeout: patienceMs });
      return { previewMs, ...(await measure(page)) };
    } finally {
      await browser.close();
      await web.stop();
    }
  } finally {
    await box.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await runInOwnNetwork(import.meta.filename, async () => {
  const figures = await run();
  const { previewMs, firstRowsMs, wholeMs, nextMs, searchMs, arriving, later, idle } = figures;
  const machine = { ...describeMachine(), load: loadavg()[0] };
  const describeFrames = ({ median, p99, longest, workMs }: typeof arriving) =>
    `median ${median} ms, p99 ${p99} ms, longest ${longest} ms, ${workMs} ms of work a frame`;
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ name: 'usage-scroll', unit: 'ms between frames at p99', accounts, machine, ...figures })}\n`
      : [
          `usage-scroll: ${formatCount(accounts)} accounts; overview of the appliances ${previewMs} ms, first rows ${firstRowsMs} ms, all read ${wholeMs} ms after the first scrolling, next page ${nextMs} ms, search ${searchMs} ms`,
          `scrolling while the report arrives: ${describeFrames(arriving)}`,
          `scrolling ${formatCount(maxReportRows)} later rows: ${describeFrames(later)}`,
          `an empty page with 12 ms of work a frame: median ${idle.median} ms, p99 ${idle.p99} ms; load ${machine.load?.toFixed(1)}`,
          '',
        ].join('\n'),
  );
});
