import { chromium, expect } from '@playwright/test';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { labAnnouncementSchema } from '../src-shared/model/appliance/labAnnouncement.ts';
import { createPages } from '../e2e/pages.ts';
import { addAppliance, startProgram, startWeb } from '../e2e/programs.ts';
import playwright from '../playwright.config.ts';
import { describeMachine } from './machine.ts';

/*
 * npm run bench:page-weight -- [--before FOLDER] [--seconds 30]
 *
 * Measures the cost of the page: bytes on the wire for a first visit, and processor time of its thread while it follows
 * the lab's syslog, about ten lines a second. `--before` names the built page of another version, which is measured in
 * the same run before the present one.
 */
const { values } = parseArgs({
  options: { before: { type: 'string' }, seconds: { type: 'string', default: '30' } },
});
const built = 'out/renderer';

async function measure(dataFolder: string) {
  const web = await startWeb(dataFolder);
  const browser = await chromium.launch(playwright.use?.launchOptions);
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    let bytes = 0;
    session.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await page.goto(web.url);
    const { syslog } = createPages(page);
    await syslog.open();
    await syslog.lines().nth(20).waitFor();
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const metrics = async () => {
      const { metrics: list } = await session.send('Performance.getMetrics');
      const of = (name: string) => list.find((metric) => metric.name === name)?.value ?? Number.NaN;
      return { seconds: of('TaskDuration'), layouts: of('LayoutCount') };
    };
    const before = await metrics();
    const linesBefore = await page.getByTestId('log-figures').textContent();
    const start = performance.now();
    await expect
      .poll(() => performance.now() - start, { timeout: 600_000, intervals: [1000] })
      .toBeGreaterThan(Number(values.seconds) * 1000);
    const after = await metrics();
    const wall = (performance.now() - start) / 1000;
    return {
      firstVisitBytes: bytes,
      syslogPercentOfCore: Math.round(((after.seconds - before.seconds) / wall) * 1000) / 10,
      layoutsPerSecond: Math.round(((after.layouts - before.layouts) / wall) * 10) / 10,
      log: linesBefore,
    };
  } finally {
    await browser.close();
    await web.stop();
  }
}

const dataFolder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
const kept = join(dataFolder, 'renderer');
const lab = await startProgram('--json', 'lab');
try {
  for (const appliance of labAnnouncementSchema.parse(JSON.parse(lab.firstLine)).appliances)
    await addAppliance(dataFolder, appliance);
  console.log(describeMachine());
  if (values.before !== undefined) {
    if (!existsSync(join(values.before, 'index.html')))
      throw new Error(`${values.before} holds no built page`);
    cpSync(built, kept, { recursive: true });
    const swap = (from: string): void => {
      rmSync(built, { recursive: true });
      cpSync(from, built, { recursive: true });
    };
    swap(values.before);
    try {
      console.log('before', await measure(dataFolder));
    } finally {
      swap(kept);
    }
  }
  console.log('now', await measure(dataFolder));
} finally {
  await lab.stop();
  rmSync(dataFolder, { recursive: true, force: true });
}
