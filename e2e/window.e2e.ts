import { setTimeout as delay } from 'node:timers/promises';
import { startAuthoritySite, subscribeBox } from '../test-support/authoritySite.ts';
import { canConnect } from '../test-support/canConnect.ts';
import { startCapture } from '../test-support/packetCapture.ts';
import { startBox } from './startBox.ts';
import { waitFor } from '../test-support/waitFor.ts';
import { addBox } from './programs.ts';
import { expect, test } from './fixtures.ts';

/** How long the captures go on after the window has closed. */
const quietMs = 5000;

test('when a licence is renewed through this computer, packets go to the authority only, and none after the window has closed', async ({
  dataFolder,
  openConsole,
}) => {
  const box = await startBox({ hostname: 'quay-01' });
  const site = await startAuthoritySite();
  const inBox = await startCapture({ device: 'any', pid: box.system.pid });
  try {
    await subscribeBox(box, site);
    const renewed = await box.ke(['ke_manage_license_key', 'show', '--json']);
    expect(JSON.parse(renewed.stdout)).toMatchObject({ state: 'missing' });
    const route = await box.system.run(['ip', 'route', 'get', site.host]);
    expect(route.stderr).toContain('unreachable');
    await addBox(dataFolder, 'quay-01', box);
    const outside = await startCapture({ device: site.device });

    const page = await openConsole();
    // Another address before the sign-in has ended would lose the session.
    await expect(page.getByRole('link', { name: 'Licences' })).toBeVisible();
    await page.goto(`${new URL(page.url()).origin}/#/licences?window=quay-01`);
    const dialog = page.getByRole('dialog', { name: 'Renew quay-01 through this computer' });
    await expect(dialog).toContainText(site.host);
    await expect(dialog).toContainText('Sends /v1/licence');
    await delay(quietMs);
    expect(await outside.packets()).toEqual([]);

    const openedAt = Date.now();
    await dialog.getByRole('button', { name: 'Check first' }).click();
    await expect(dialog).toContainText('would accept the new licence');
    await expect(dialog).toContainText('The port on the appliance no longer listens.');
    await dialog.getByRole('button', { name: 'Renew now' }).click();
    await expect(dialog).toContainText('The licence is renewed and was read back.');
    const proof = dialog.getByRole('list', { name: 'Proof that the window is closed' });
    await expect(proof).toContainText('sshd on the appliance confirmed that the forward has ended.');
    await expect(proof).toContainText('The port on the appliance no longer listens.');
    await expect(proof).toContainText('0 connections to the authority are open on this computer.');
    const closedAt = Date.now();
    await delay(quietMs);

    const carried = await outside.packets();
    const authorityOnly = await outside.packets(`host ${site.host} and tcp port ${site.port}`);
    expect(carried.length).toBeGreaterThan(20);
    expect(authorityOnly).toEqual(carried);
    expect(carried.filter(({ at }) => at < openedAt || at > closedAt)).toEqual([]);
    // The control: the capture sees a connection that this test makes.
    expect(await canConnect(site.host, site.port)).toBe(true);
    await waitFor('the planted packets', async () => (await outside.packets()).length > carried.length);

    // From the appliance, only SSH with this computer; its own loopback carries the window.
    const beyond = `not host 127.0.0.1 and not tcp port ${box.port}`;
    expect(await inBox.packets(beyond)).toEqual([]);
    expect(await inBox.packets(`host ${site.host}`)).toEqual([]);
    const plant = `perl -MIO::Socket::INET -e 'IO::Socket::INET->new(Proto => "udp", PeerAddr => "${box.near[0]}", PeerPort => 9)->send("x")'`;
    await box.system.mustRun(['sh', '-c', plant]);
    await waitFor('the planted packet', async () => (await inBox.packets(beyond)).length > 0);

    // The check before it has used up no number.
    const shown = await box.ke(['ke_manage_license_key', 'show', '--json']);
    expect(JSON.parse(shown.stdout)).toMatchObject({ state: 'valid', sequence: 1 });
    await outside.stop();
  } finally {
    await inBox.stop();
    await site.stop();
    await box.stop();
  }
});
