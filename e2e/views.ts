import { expect, type Page } from '@playwright/test';
import type { LabAnnouncement } from '../src-shared/model/appliance/labAnnouncement.ts';
import { addTripStates } from '../test-support/tripStates.ts';
import { addAppliance } from './programs.ts';
import { applianceViews } from './views/applianceViews.ts';
import { configurationViews } from './views/configurationViews.ts';
import { fanOutViews } from './views/fanOutViews.ts';
import { fleetViews } from './views/fleetViews.ts';
import { licenceViews } from './views/licenceViews.ts';
import { syslogViews } from './views/syslogViews.ts';
import { tenantViews } from './views/tenantViews.ts';
import { usageViews } from './views/usageViews.ts';
import { vaultViews } from './views/vaultViews.ts';
import type { View } from './views/view.ts';

/** Every page, dialog, drawer and menu, on the appliances that `addViewedAppliances` enters. */
export const views: readonly View[] = [
  ...fleetViews,
  ...licenceViews,
  ...configurationViews,
  ...tenantViews,
  ...applianceViews,
  ...syslogViews,
  ...usageViews,
  ...fanOutViews,
  ...vaultViews,
];

/** The lab's appliances, the second with another host key than the pinned one, and one that can't be reached. */
export async function addViewedAppliances(
  dataFolder: string,
  [first, second, third]: LabAnnouncement['appliances'],
): Promise<void> {
  if (first === undefined || second === undefined || third === undefined)
    throw new Error('the lab is too small');
  await addAppliance(dataFolder, first);
  const gate = { ...second, name: 'gate-01' };
  await addAppliance(dataFolder, gate, { hostKey: first.hostKeySha256, cluster: 'west' });
  await addAppliance(dataFolder, third, { cluster: 'harbour' });
  // Nothing listens on the port that is reserved for TCP's port service.
  await addAppliance(dataFolder, { ...first, name: 'dock-01', port: 1 }, { cluster: 'west' });
  await addAppliance(dataFolder, { ...third, name: 'dock-02', port: 1 }, { cluster: 'harbour' });
  await addTripStates(dataFolder);
}

/** Shows `view` in `page`. */
export async function openView(page: Page, { address, shows, open }: View): Promise<void> {
  // Wide enough to show every button. A narrow window moves some of them into menus.
  await page.setViewportSize({ width: 1440, height: 900 });
  const { origin } = new URL(page.url());
  await page.goto(`${origin}/#${address}`);
  await expect(page.getByRole('heading').first()).toBeVisible();
  await expect(page.getByLabel('loading')).toHaveCount(0);
  await open?.(page);
  await expect(page.getByText(shows).filter({ visible: true }).first()).toBeVisible();
}

/** Shows views in `page`, one after the other, and does `visit` in each. */
export async function visitViews(
  page: Page,
  chosen: readonly View[],
  visit: (view: View) => Promise<void>,
): Promise<void> {
  // Wait until the token is used. Leaving the page earlier would lose it.
  await expect(page.getByRole('heading', { level: 1, name: 'Fleet' })).toBeVisible();
  for (const view of chosen) {
    await openView(page, view);
    await visit(view);
    // Reload, so that open dialogs and typed text don't affect the next view.
    if (view.open !== undefined) await page.reload();
  }
}
