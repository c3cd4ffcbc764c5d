import type { LabAnnouncement } from '../src-shared/model/appliance/labAnnouncement.ts';
import { labAnnouncementSchema } from '../src-shared/model/appliance/labAnnouncement.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import type { StockBox } from '../test-support/stockBox.ts';
import { startBox } from './startBox.ts';
import { startProgram, startWeb } from './programs.ts';

type WorkerFixtures = {
  lab: Pick<LabAnnouncement, 'appliances' | 'authority' | 'folder'> & { pid: number };
  /** A stock Debian box as an appliance. All tests share it, so each uses its own tenants. */
  box: StockBox;
};
type Fixtures = {
  /** An empty data folder for this test, deleted afterwards. */
  dataFolder: string;
  /** Forbidden events on `page`, in order; must be empty at the end of the test. */
  faults: string[];
  /** Opens the console on `dataFolder` in `page`. */
  openConsole: () => Promise<Page>;
  /** Starts consoles on `dataFolder`; `addresses` are the printed addresses, each with its token. */
  consoles: {
    start: (...options: string[]) => Promise<string>;
    /** Presses Enter in the last one; returns its new address. */
    newAddress: () => Promise<string>;
    addresses: readonly string[];
  };
};

export const test = base.extend<Fixtures, WorkerFixtures>({
  lab: [
    async ({ browserName }, use) => {
      if (browserName !== 'chromium') throw new Error('the page is tested in Chromium');
      const lab = await startProgram('--json', 'lab');
      await use({ ...labAnnouncementSchema.parse(JSON.parse(lab.firstLine)), pid: lab.pid });
      await lab.stop();
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  box: [
    async ({ browserName }, use, { project }) => {
      if (browserName !== 'chromium') throw new Error('the page is tested in Chromium');
      const box = await startBox({}, project.name);
      await use(box);
      await box.stop();
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  dataFolder: async ({ browserName }, use) => {
    const folder = mkdtempSync(join(tmpdir(), `sallyport-e2e-${browserName}-`));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  faults: [
    async ({ page }, use) => {
      const faults: string[] = [];
      const stayHere = (kind: string, address: string) => {
        const { hostname, protocol } = new URL(address);
        const isHere = hostname === '127.0.0.1' || hostname.endsWith('.localhost');
        if (!isHere && protocol !== 'data:' && protocol !== 'blob:')
          faults.push(`${kind} off the machine: ${address}`);
      };
      page.on(
        'console',
        (message) => message.type() === 'error' && faults.push(`console: ${message.text()}`),
      );
      page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
      page.on('request', (request) => stayHere('request', request.url()));
      // Chromium does not report these as requests.
      page.on('websocket', (socket) => stayHere('WebSocket', socket.url()));
      await use(faults);
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
  consoles: async ({ dataFolder }, use) => {
    const programs: Awaited<ReturnType<typeof startWeb>>[] = [];
    const addresses: string[] = [];
    const start = async (...options: string[]) => {
      const web = await startWeb(dataFolder, ...options);
      programs.push(web);
      addresses.push(web.url);
      return web.url;
    };
    const newAddress = async () => {
      const web = programs.at(-1);
      if (web === undefined) throw new Error('no console was started');
      return web.newUrl();
    };
    await use({ start, newAddress, addresses });
    for (const program of programs) await program.stop();
  },
  openConsole: async ({ page, consoles }, use) => {
    await use(async () => {
      await page.goto(await consoles.start());
      // A key that is pressed before the page's script runs is not heard.
      await page.getByRole('heading', { level: 1 }).waitFor();
      return page;
    });
    // Close the page before its console ends, because the page would report that.
    await page.close();
  },
});

export { expect };
