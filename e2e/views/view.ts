import type { Page } from '@playwright/test';

/** A view that users can see. `open` starts from the loaded page at `address`. */
export type View = { name: string; address: string; shows: string; open?: (page: Page) => Promise<void> };

export const press = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name }).first().click();
