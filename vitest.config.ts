import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/**
 * Three kinds of tests, and `soak`, which takes too long for every change and is run by itself (`npm run test:soak`).
 * End-to-end tests are Playwright's (`playwright.config.ts`).
 */
export default defineConfig({
  test: {
    // A forgotten `only` would leave every other test of its file out and still pass.
    allowOnly: false,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src-{shared,main,appliance}/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: ['**/*.integration.test.ts', '**/*.soak.test.ts'],
        },
      },
      {
        plugins: [react()],
        test: {
          name: 'page',
          environment: 'jsdom',
          include: ['src-renderer/**/*.test.{ts,tsx}'],
          // Whole pages are drawn and typed into; on a busy computer that takes longer than the usual five seconds.
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['src-{main,appliance}/**/*.integration.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'soak',
          include: ['src-{main,appliance}/**/*.soak.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
