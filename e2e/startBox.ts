import { test } from '@playwright/test';
import { startStockBox, type StockBox, type StockBoxOptions } from '../test-support/stockBox.ts';

/**
 * Starts a stock Debian box. Throws in the project `pages`: a box adds network interfaces, and Chromium then ends the requests
 * of all pages that other tests have open. `playwright.config.ts` names the files that have boxes.
 */
export function startBox(
  options: StockBoxOptions = {},
  project = test.info().project.name,
): Promise<StockBox> {
  if (project !== 'boxes') throw new Error('Name this file among those with boxes in playwright.config.ts');
  return startStockBox(options);
}
