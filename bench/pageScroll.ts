import { chromium, expect, type CDPSession, type Page } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { addAppliance, startWeb } from '../e2e/programs.ts';
import playwright from '../playwright.config.ts';
import { buildWhereStale } from '../scripts/build.ts';
import { numberedServers } from '../test-support/keepNumberedLog.ts';
import { residentMbOf } from './childProcesses.ts';
import { measureMachine, scrollToAndFro, summarizeFrames, watchFrames } from './frames.ts';
import { startLineWriter } from './lineWriter.ts';
import { describeMachine } from './machine.ts';
import { runInOwnNetwork, say } from './program.ts';

/*
 * npm run bench:page-scroll -- [--rate 10000] [--seconds 600] [--scroll-seconds 30] [--json]
 *
 * A Debian server behind its own sshd writes lines at a steady rate. Measures the time between frames of the page that
 * follows its log, then of the search page while all lines that were kept are scrolled from end to end and back and new
 * ones go on arriving. Memory of page and console at the beginning and at the end. For comparison, frames of an empty
 * page with 12 ms of work each. Needs root.
 */
const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '600' },
    'scroll-seconds': { type: 'string', default: '30' },
    json: { type: 'boolean', default: false },
  },
});
/** Frames are collected for this long at once, so that the figures of each part are seen while it runs. */
const partMs = 30_000;

async function heapMb(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0) / 2 ** 20;
}

/** Follows the log for the whole time, in parts. */
async function watchLive(page: Page, memory: () => Promise<{ heapMb: number; consoleMb: number }>) {
  const frames: number[] = [];
  const memories = [await memory()];
  const parts = Math.max(1, Math.round((Number(values.seconds) * 1000) / partMs));
  const duration = (Number(values.seconds) * 1000) / parts;
  for (let part = 1; part <= parts; part += 1) {
    const found = await watchFrames(page.locator('body'), duration);
    for (const frame of found) frames.push(frame);
    const now = await memory();
    memories.push(now);
    const { p99, longest } = summarizeFrames(found);
    say(
      `part ${part} of ${parts}: p99 ${p99} ms, longest ${longest} ms, heap ${now.heapMb.toFixed(0)} MB, console ${now.consoleMb.toFixed(0)} MB`,
    );
  }
  return { frames: summarizeFrames(frames), memories };
}

async function measure(page: Page, webPid: number, origin: string) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const memory = async () => ({ heapMb: await heapMb(session), consoleMb: residentMbOf(webPid) });
  const machinePage = await page.context().newPage();
  const machineBefore = await measureMachine(machinePage.locator('body'));
  await page.bringToFront();
  const live = await watchLive(page, memory);
  await page.goto(`${origin}/#/syslog?show=search`);
  const log = page.getByTestId('kept-log');
  await page.getByTestId('kept-line').first().waitFor();
  const scroll = summarizeFrames(await scrollToAndFro(log, Number(values['scroll-seconds']) * 1000));
  const scrolled = await memory();
  await machinePage.bringToFront();
  const machineAfter = await measureMachine(machinePage.locator('body'));
  return { live, scroll, scrolled, idle: summarizeFrames([...machineBefore, ...machineAfter]) };
}

async function run() {
  await buildWhereStale('console');
  const folder = mkdtempSync(join(tmpdir(), 'bench-page-scroll-'));
  const server = await numberedServers['without the kit']();
  const { host, port, user, keyFile: identityFile, hostKey } = server;
  const entered = { name: 'kiln-01', host, port, user, identityFile, hostKeySha256: hostKey };
  await addAppliance(folder, entered, { sudo: 'none' });
  const web = await startWeb(folder);
  const browser = await chromium.launch(playwright.use?.launchOptions);
  try {
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    await page.goto(web.url);
    await expect(page.getByRole('heading', { level: 1, name: 'Fleet' })).toBeVisible();
    const { origin } = new URL(page.url());
    await page.goto(`${origin}/#/syslog`);
    const writer = startLineWriter(server.system, Number(values.rate));
    await expect(page.getByTestId('log-line').last()).toContainText('sent request', { timeout: 120_000 });
    const figures = await measure(page, web.pid, origin);
    return { ...figures, lines: await writer.stop() };
  } finally {
    await browser.close();
    await web.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await runInOwnNetwork(import.meta.filename, async () => {
  const figures = await run();
  const { live, scroll, scrolled, idle, lines } = figures;
  const load = loadavg()[0];
  const first = live.memories[0];
  const report = {
    name: 'page-scroll',
    unit: 'ms between frames at p99',
    ours: live.frames.p99,
    peers: {},
    ratio: null,
    machine: { ...describeMachine(), load },
    rate: Number(values.rate),
    ...figures,
  };
  process.stdout.write(
    values.json
      ? `${JSON.stringify(report)}\n`
      : [
          `page-scroll: ${lines} lines at ${values.rate} a second; following: median ${live.frames.median} ms, p99 ${live.frames.p99} ms, longest ${live.frames.longest} ms`,
          `scrolling the kept lines: median ${scroll.median} ms, p99 ${scroll.p99} ms, longest ${scroll.longest} ms`,
          `heap ${first?.heapMb.toFixed(0)} to ${scrolled.heapMb.toFixed(0)} MB, console ${first?.consoleMb.toFixed(0)} to ${scrolled.consoleMb.toFixed(0)} MB`,
          `an empty page with 12 ms of work a frame: median ${idle.median} ms, p99 ${idle.p99} ms; load ${load?.toFixed(1)}`,
          '',
        ].join('\n'),
  );
});
