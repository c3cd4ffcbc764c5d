import { defineConfig } from '@playwright/test';
import { join } from 'node:path';

// The labs and consoles of all tests share what Node compiled: that is half of a start.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'out/compiled');
process.env['SALLYPORT_LAB_CONNECT'] ??= join(import.meta.dirname, 'out/kit/connect.mjs');

/** Start a box, which adds network interfaces: Chromium then ends the requests of all pages that are open. */
const withBox = /(?:configuration|cutLink|debian|licence|tenantChanges|usage|window)\.e2e\.ts/u;

/** Debian's Chromium against the web host; each test file starts what it needs (`e2e/fixtures.ts`). */
export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.e2e.ts',
  outputDir: 'test-results/e2e',
  workers: 2,
  retries: 0,
  forbidOnly: true,
  // Limits only end what hangs: no result may depend on how busy the computer is.
  timeout: 600_000,
  expect: { timeout: 120_000 },
  reporter: [['list'], ['json']],
  projects: [
    { name: 'pages', testIgnore: withBox },
    { name: 'boxes', testMatch: withBox, workers: 1, dependencies: ['pages'] },
  ],
  use: {
    actionTimeout: 120_000,
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env['SALLYPORT_CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
