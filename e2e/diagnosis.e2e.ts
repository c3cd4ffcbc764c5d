import { expect, test } from './fixtures.ts';
import { addAppliance } from './programs.ts';
import { createPages } from './pages.ts';

/** Faults of the lab's tenants: the table's label, the code, the layer, and the log line that proves it. */
const faults = [
  { word: 'wrong key offered', code: 'T-3003', layer: 3, proof: 'Failed publickey for connect' },
  { word: 'upstream refused', code: 'T-6001', layer: 6, proof: 'Accepted publickey for connect' },
  { word: 'quota exceeded', code: 'T-4005', layer: 4, proof: /changed (\S+) \(change 3 \1\)/u },
  { word: 'session silent', code: 'T-3002', layer: 3, proof: 'Accepted publickey for connect' },
] as const;

test('a support engineer finds the broken layer, its proof and words for the customer', async ({
  lab,
  dataFolder,
  openConsole,
  context,
}) => {
  for (const appliance of lab.appliances) await addAppliance(dataFolder, appliance);
  const page = await openConsole();
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { tenants } = createPages(page);
  await tenants.open();
  // The lab's faults need time: a key must be refused, and a client must have been silent.
  for (const { word } of faults) await expect(tenants.rows().filter({ hasText: word }).first()).toBeVisible();

  for (const { word, code, layer, proof } of faults) {
    await page.getByRole('searchbox', { name: 'Filter tunnels' }).fill(word);
    await tenants.rows().filter({ hasText: word }).first().click();
    const panel = page.getByRole('complementary');
    await expect(panel).toContainText(code);
    const layers = panel.getByLabel('Layers').getByRole('listitem');
    await expect(layers).toHaveCount(6);
    await expect(layers.nth(layer - 1)).toHaveAttribute('data-state', 'fail');
    await expect(panel).toContainText('Next');
    await panel.getByRole('button', { name: 'Show log lines' }).click();
    await expect(panel.getByLabel('Matching log lines')).toContainText(proof);
    await panel.getByRole('button', { name: /the customer…$/u }).click();
    const message = page.getByRole('dialog');
    await expect(message.getByLabel('Text')).toHaveValue(new RegExp(code, 'u'));
    await message.getByRole('button', { name: 'Copy', exact: true }).click();
    const copied = (): Promise<unknown> => page.evaluate('navigator.clipboard.readText()');
    await expect.poll(copied).toContain(code);
    // The text for a customer must not contain process IDs, internal addresses or paths of the appliance.
    // Connect's own words may contain the address of the customer's service.
    const text = String(await copied()).replaceAll(/(Connect reports that [^:]*: )“[^”]*”/gu, '$1');
    expect(text).not.toMatch(/\bpid\b|sshd \d|127\.0\.|\/var\/|ke_manage/u);
    await message.getByRole('button', { name: 'Close', exact: true }).last().click();
  }
});
