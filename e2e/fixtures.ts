import type { LabAnnouncement } from '../src-shared/model/labAnnouncement.ts';
import { labAnnouncementSchema } from '../src-shared/model/labAnnouncement.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import { z } from 'zod';
import { startProgram, type Program } from './programs.ts';

type WorkerFixtures = { lab: { appliances: LabAnnouncement['appliances'][number][]; pid: number } };
type Fixtures = {
  /** An empty data folder of the test's own, gone afterwards. */
  dataFolder: string;
  /** Opens the console on `dataFolder` in a page that reports what must not happen. */
  openConsole: () => Promise<Page>;
};

export const test = base.extend<Fixtures, WorkerFixtures>({
  lab: [
    async ({ browserName }, use) => {
      if (browserName !== 'chromium') throw new Error('the page is tested in Chromium');
      const lab = await startProgram('lab');
      await use({ ...labAnnouncementSchema.parse(JSON.parse(lab.firstLine)), pid: lab.pid });
      await lab.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  dataFolder: async ({ browserName }, use) => {
    const folder = mkdtempSync(join(tmpdir(), `sallyport-e2e-${browserName}-`));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  openConsole: async ({ page, dataFolder }, use) => {
    const faults: string[] = [];
    page.on('console', (message) => message.type() === 'error' && faults.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
    page.on('request', (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (hostname !== '127.0.0.1' && protocol !== 'data:' && protocol !== 'blob:')
        faults.push(`request off the machine: ${request.url()}`);
    });
    const started: Program[] = [];
    await use(async () => {
      const web = await startProgram('--data', dataFolder, 'web', '--no-open');
      started.push(web);
      await page.goto(z.object({ url: z.string() }).parse(JSON.parse(web.firstLine)).url);
      return page;
    });
    await page.close();
    for (const web of started) await web.stop();
    expect(faults).toEqual([]);
  },
});

export { expect };
