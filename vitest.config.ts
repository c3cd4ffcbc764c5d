import react from '@vitejs/plugin-react';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Limits only end what hangs: no result may depend on how busy the computer is. */
const minute = 60_000;
const limits = (minutes: number) => ({
  testTimeout: minutes * minute,
  hookTimeout: minutes * minute,
  expect: { poll: { timeout: 2 * minute } },
});

/**
 * Three kinds of tests, and `soak`, which takes too long for every change and is run by itself (`npm run test:soak`).
 * End-to-end tests are Playwright's (`playwright.config.ts`).
 */
export default defineConfig({
  test: {
    // A forgotten `only` would leave every other test of its file out and still pass.
    allowOnly: false,
    // More than two cores need: most tests wait for something. Files share no appliance and no folder.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src-{shared,main,appliance}/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: ['**/*.integration.test.ts', '**/*.soak.test.ts'],
          // Modules are loaded once a worker: no unit test replaces one that others use, or leaves state in it.
          isolate: false,
          ...limits(3),
        },
      },
      {
        plugins: [react()],
        test: {
          name: 'page',
          environment: 'jsdom',
          include: ['src-renderer/**/*.test.{ts,tsx}'],
          ...limits(3),
        },
      },
      {
        test: {
          name: 'integration',
          include: ['{src-main,src-appliance,scripts}/**/*.integration.test.ts'],
          globalSetup: 'test-support/buildPrograms.ts',
          // The programs that all tests start share what Node compiled: that is half of a start.
          env: {
            NODE_COMPILE_CACHE: join(import.meta.dirname, 'out/compiled'),
            SALLYPORT_LAB_CONNECT: join(import.meta.dirname, 'out/kit/connect.mjs'),
          },
          ...limits(10),
        },
      },
      {
        test: {
          name: 'soak',
          include: ['{src-main,src-appliance,scripts}/**/*.soak.test.ts'],
          globalSetup: 'test-support/buildPrograms.ts',
          ...limits(60),
          fileParallelism: false,
        },
      },
    ],
  },
});
