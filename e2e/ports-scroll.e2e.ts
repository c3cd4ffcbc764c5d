import { startListedAppliance } from '../test-support/listedAppliance.ts';
import { expect, test } from './fixtures.ts';
import { addAppliance } from './programs.ts';

/** 2 appliances × 125 tenants × 20 forwards. */
const size = { tenants: 125, forwards: 20 } as const;
const rows = 2 * size.tenants * size.forwards;

// `npm run bench:ports-scroll` measures how smoothly it scrolls.
test('5,000 tunnels scroll from end to end while answers come in, and every row is right afterwards', async ({
  dataFolder,
  consoles,
  page,
}) => {
  const appliances = [
    await startListedAppliance({ name: 'kiln-01', ...size }),
    await startListedAppliance({ name: 'kiln-02', ...size }),
  ];
  const asked = () => appliances.map((appliance) => appliance.lists());
  try {
    for (const appliance of appliances) await addAppliance(dataFolder, appliance, { sudo: 'none' });
    await page.goto(await consoles.start());
    await page.getByRole('link', { name: 'Tenants & ports' }).first().click();
    await expect(page.getByRole('grid', { name: 'Tunnels' })).toHaveAttribute(
      'aria-rowcount',
      String(rows + 1),
    );
    const table = page.getByTestId('table');
    const before = asked();
    const isAskedAgain = () => asked().every((count, index) => count > (before[index] ?? 0) + 1);
    const steps = 40;
    // Scroll down and up until both appliances have answered during that time.
    for (let step = 1; step <= 2 * steps || !isAskedAgain(); step += 1) {
      const share = 1 - Math.abs(((step / steps) % 2) - 1);
      await table.evaluate(async (element, to) => {
        element.scrollTop = to * (element.scrollHeight - element.clientHeight);
        await new Promise((resolve) => element.ownerDocument.defaultView?.requestAnimationFrame(resolve));
      }, share);
      await expect(table.locator('tbody > tr').first()).toBeVisible();
    }

    // While scrolling, rows are in any order in the document. At rest, a screen reader reads them in order.
    await expect
      .poll(async () => {
        const places = await table
          .locator('tbody > tr')
          .evaluateAll((found) => found.map((row) => Number(row.getAttribute('aria-rowindex'))));
        return places.length > 0 && places.every((place, index) => place === (places[0] ?? 0) + index);
      })
      .toBe(true);

    // Every row exists, down to the last one.
    await table.evaluate((element) => {
      element.scrollTop = element.scrollHeight;
    });
    await expect(page.getByRole('row', { name: 'tenant-124 4699' })).toBeVisible();
  } finally {
    await page.close();
    for (const appliance of appliances) await appliance.stop();
  }
});
