import { chromium, expect, type Page } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { addAppliance, startWeb } from '../e2e/programs.ts';
import playwright from '../playwright.config.ts';
import { buildWhereStale } from '../scripts/build.ts';
import { startListedAppliance } from '../test-support/listedAppliance.ts';
import { measureMachine, scrollToAndFro, summarizeFrames, workedMs } from './frames.ts';
import { describeMachine } from './machine.ts';

/*
 * npm run bench:ports-scroll -- [--seconds 15] [--json]
 *
 * Scrolls the table of tunnels (2 appliances x 125 tenants x 20 forwards) from end to end and back while answers
 * arrive. Measures the time between frames and the average computing time per frame. For comparison, measures frames of
 * an empty page with 12 ms of work each, before and after, which show how busy the computer was.
 */
const size = { tenants: 125, forwards: 20 } as const;
const rows = 2 * size.tenants * size.forwards;
/** A list of all rows is about this large; other messages are smaller. */
const wholeListBytes = 500_000;

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '15' }, json: { type: 'boolean', default: false } },
});

/** Scrolls the table of `page`, which shows all rows, and counts the lists that arrive during that time. */
async function measure(page: Page, readings: () => number) {
  const machinePage = await page.context().newPage();
  const machineBefore = await measureMachine(machinePage.locator('body'));
  await page.bringToFront();
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const readBefore = readings();
  const workedBefore = await workedMs(session);
  const frames = await scrollToAndFro(page.getByTestId('table'), Number(values.seconds) * 1000);
  const workMs = ((await workedMs(session)) - workedBefore) / frames.length;
  const listsRead = readings() - readBefore;
  await machinePage.bringToFront();
  const machineAfter = await measureMachine(machinePage.locator('body'));
  return {
    rows,
    table: summarizeFrames(frames),
    workMs: Math.round(workMs * 10) / 10,
    idle: summarizeFrames([...machineBefore, ...machineAfter]),
    listsRead,
  };
}

async function run() {
  await buildWhereStale('console');
  const dataFolder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  const appliances = [
    await startListedAppliance({ name: 'kiln-01', ...size }),
    await startListedAppliance({ name: 'kiln-02', ...size }),
  ];
  for (const appliance of appliances) await addAppliance(dataFolder, appliance, { sudo: 'none' });
  const web = await startWeb(dataFolder);
  const browser = await chromium.launch(playwright.use?.launchOptions);
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    let readings = 0;
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        if (payload.length > wholeListBytes) readings += 1;
      }),
    );
    await page.goto(web.url);
    await page.getByRole('link', { name: 'Tenants & ports' }).first().click();
    const grid = page.getByRole('grid', { name: 'Tunnels' });
    await expect(grid).toHaveAttribute('aria-rowcount', String(rows + 1), { timeout: 120_000 });
    await page.getByText('listening').first().waitFor();
    return {
      name: 'ports-scroll',
      unit: 'ms',
      machine: describeMachine(),
      ...(await measure(page, () => readings)),
    };
  } finally {
    await browser.close();
    await web.stop();
    for (const appliance of appliances) await appliance.stop();
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

const report = await run();
const { table, idle } = report;
process.stdout.write(
  values.json
    ? `${JSON.stringify(report)}\n`
    : `ports-scroll: ${rows} rows, ${table.frames} frames: median ${table.median} ms, p99 ${table.p99} ms, longest ${table.longest} ms, ${report.workMs} ms of work a frame, ${report.listsRead} lists read; an empty page with 12 ms of work a frame: median ${idle.median} ms, p99 ${idle.p99} ms\n`,
);
