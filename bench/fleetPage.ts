import { chromium, expect } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startWeb } from '../e2e/programs.ts';
import playwright from '../playwright.config.ts';
import { enterAppliances } from './enterAppliances.ts';
import { scrollToAndFro, summarizeFrames } from './frames.ts';
import { describeMachine } from './machine.ts';
import { residentMbOf } from './childProcesses.ts';

/*
 * npm run bench:fleet-page -- [--appliances 1000] [--json]
 *
 * The fleet page with many appliances of which none answers, so that each link changes its state all the time: time to the
 * first row, rows in the document, elements in the document, frames while it scrolls, and the console's memory. Needs
 * `npm run build`.
 */
const { values } = parseArgs({
  options: { appliances: { type: 'string', default: '1000' }, json: { type: 'boolean', default: false } },
});
const count = Number(values.appliances);
const scrollMs = 5000;

async function measure(dataFolder: string) {
  const begun = performance.now();
  await enterAppliances(
    dataFolder,
    Array.from({ length: count }, (_, index) => ({
      name: `quay-${String(index + 1).padStart(4, '0')}`,
      // Nothing listens there, so each connection is refused at once.
      host: `127.1.${Math.floor(index / 250)}.${(index % 250) + 1}`,
    })),
    {
      port: 9,
      user: 'ubuntu',
      keyFile: '/nonexistent/key',
      sudo: 'nopasswd',
      hostKey: { type: 'ssh-ed25519', fingerprint: `SHA256:${'A'.repeat(43)}` },
    },
  );
  const enterSeconds = (performance.now() - begun) / 1000;
  const web = await startWeb(dataFolder);
  const browser = await chromium.launch(playwright.use?.launchOptions);
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const openedAt = performance.now();
    await page.goto(web.url);
    const grid = page.getByRole('grid', { name: 'Appliances' });
    await grid.getByText('quay-0001').first().waitFor({ timeout: 120_000 });
    const firstRowMs = performance.now() - openedAt;
    await expect(grid).toHaveAttribute('aria-rowcount', String(count + 1));
    const frames = await scrollToAndFro(page.getByTestId('table'), scrollMs);
    const drawnRows = await grid.getByRole('row').count();
    const elements = await page.locator('*').count();
    return {
      enterSeconds,
      firstRowMs: Math.round(firstRowMs),
      drawnRows,
      elements,
      frames: summarizeFrames(frames),
      consoleMb: residentMbOf(web.pid),
    };
  } finally {
    await browser.close();
    await web.stop();
  }
}

const dataFolder = mkdtempSync(join(tmpdir(), 'bench-fleet-page-'));
try {
  const figures = await measure(dataFolder);
  const { enterSeconds, firstRowMs, drawnRows, elements, frames, consoleMb } = figures;
  const report = {
    name: 'fleet-page',
    unit: 'ms to the first row',
    ours: firstRowMs,
    ...figures,
    machine: { ...describeMachine(), load: loadavg()[0] },
  };
  process.stdout.write(
    values.json
      ? `${JSON.stringify(report)}\n`
      : `fleet-page: ${count} appliances entered in ${enterSeconds.toFixed(1)} s; first row after ${firstRowMs} ms; ${drawnRows} rows and ${elements} elements in the document; frames: median ${frames.median} ms, p99 ${frames.p99} ms; console ${consoleMb.toFixed(0)} MB\n`,
  );
} finally {
  rmSync(dataFolder, { recursive: true, force: true });
}
