import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startProbeTestSetup, type ProbeTestSetup } from '../../../test-support/probeTestSetup.ts';
import { makeKey } from '../../../test-support/plainSshd.ts';
import { waitFor } from '../../../test-support/waitFor.ts';

const manage = 'ke_manage_remote_networks';
let setup: ProbeTestSetup;

beforeAll(async () => {
  setup = await startProbeTestSetup();
});
afterAll(() => setup.stop());

describe('the key of a tunnel', () => {
  test.concurrent(
    'when the site offers another key, names the fingerprint, and recovers with the right key',
    async () => {
      // An address from which no tenant of the other tests connects.
      const from = setup.appliance.near[1];
      const about = { repositories: { files: setup.uri }, from };
      const neighbour = await setup.site({ clientId: 'neighbour', ...about });
      const site = await setup.site({ clientId: 'rekeyed', ...about });
      neighbour.start();
      site.start();
      await setup.watched.waitForCode('neighbour', 'T-4000');
      await setup.watched.waitForCode('rekeyed', 'T-4000');
      await neighbour.stop();
      await site.stop();
      await setup.watched.waitForCode('neighbour', 'T-3001');
      await setup.watched.waitForCode('rekeyed', 'T-3001');
      const right = `${site.keyFile}.right`;
      await copyFile(site.keyFile, right);
      const wrong = makeKey(setup.appliance.folder, 'wrong');
      await copyFile(wrong.path, site.keyFile);
      site.start();
      // Another absent tenant has connected from the same address, so the refused key may belong to either.
      await waitFor('the key is noticed', () =>
        (setup.watched.layer('rekeyed', 'session')?.evidence ?? '').includes(wrong.fingerprint),
      );
      expect(setup.watched.tunnel('rekeyed')).toMatchObject({ code: 'T-3001', tone: 'warn' });
      await setup.appliance.ke([manage, 'remove', 'neighbour']);
      const tunnel = await setup.watched.waitForCode('rekeyed', 'T-3003');
      expect(tunnel.layers[2]?.evidence).toContain(
        `an unknown key ${wrong.fingerprint} was offered from ${from}`,
      );
      await site.stop();
      await copyFile(right, site.keyFile);
      site.start();
      await setup.watched.waitForCode('rekeyed', 'T-4000');
    },
  );

  test.concurrent('when the key was replaced, names the former one', async () => {
    const site = await setup.site({ clientId: 'rotated', repositories: { files: setup.uri } });
    site.start();
    await setup.watched.waitForCode('rotated', 'T-4000');
    const fresh = makeKey(setup.appliance.folder, 'fresh');
    await setup.appliance.ke([manage, 'add', 'rotated', '--pub-key', `${fresh.path}.pub`, '-f']);
    await site.stop();
    site.start();
    const tunnel = await setup.watched.waitForCode('rotated', 'T-3003');
    expect(tunnel.layers[2]?.evidence).toMatch(/^its former key SHA256:/);
  });

  test.concurrent(
    'when the tenant was removed, has no row, and its refused logins name the tenant',
    async () => {
      const site = await setup.site({ clientId: 'removed', repositories: { files: setup.uri } });
      site.start();
      await setup.watched.waitForCode('removed', 'T-4000');
      await setup.appliance.ke([manage, 'remove', 'removed']);
      const { services, entry } = setup.watched;
      await waitFor('its refused logins are listed', async () => {
        await services.fleet.refresh([entry.id]);
        const refused = services.fleet.remoteNetworks(entry.id)?.value.refusedLogIns ?? [];
        return refused.some((one) => one.formerKeyOf === 'removed' && one.keyOf === null);
      });
      expect(setup.watched.tunnels('removed')).toEqual([]);
    },
  );

  test('when the tenant has no key, says so', async () => {
    // Edit the state file, because no command leaves a tenant without a key.
    await setup.site({ clientId: 'keyless', repositories: {} });
    const path = join(setup.appliance.config.stateFolder, 'tenants.json');
    const state: { tenants: { clientId: string; keys: unknown[] }[] } = JSON.parse(
      await readFile(path, 'utf8'),
    );
    for (const tenant of state.tenants) if (tenant.clientId === 'keyless') tenant.keys = [];
    await writeFile(path, JSON.stringify(state));
    expect(await setup.watched.waitForCode('keyless', 'T-2001')).toMatchObject({ tone: 'bad' });
  });
});
