import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startProbeBench, type ProbeBench } from '../../../test-support/probeBench.ts';
import { makeKey } from '../../../test-support/plainSshd.ts';
import { waitFor } from '../../../test-support/waitFor.ts';

const manage = 'ke_manage_remote_networks';
let bench: ProbeBench;

beforeAll(async () => {
  bench = await startProbeBench();
});
afterAll(() => bench.stop());

describe('the key of a tunnel', () => {
  test.concurrent(
    'whose site offers another key names the fingerprint; the right one brings it back',
    async () => {
      // An address from which no tenant of the other tests connects.
      const from = bench.appliance.near[1];
      const about = { repositories: { files: bench.uri }, from };
      const neighbour = await bench.site({ clientId: 'neighbour', ...about });
      const site = await bench.site({ clientId: 'rekeyed', ...about });
      neighbour.start();
      site.start();
      await bench.watched.untilCode('neighbour', 'T-4000');
      await bench.watched.untilCode('rekeyed', 'T-4000');
      await neighbour.stop();
      await site.stop();
      await bench.watched.untilCode('neighbour', 'T-3001');
      await bench.watched.untilCode('rekeyed', 'T-3001');
      const right = `${site.keyFile}.right`;
      await copyFile(site.keyFile, right);
      const wrong = makeKey(bench.appliance.folder, 'wrong');
      await copyFile(wrong.path, site.keyFile);
      site.start();
      // Another absent tenant has connected from the same address, so the refused key may belong to either.
      await waitFor('the key is noticed', () =>
        (bench.watched.layer('rekeyed', 'session')?.evidence ?? '').includes(wrong.fingerprint),
      );
      expect(bench.watched.tunnel('rekeyed')).toMatchObject({ code: 'T-3001', tone: 'warn' });
      await bench.appliance.ke([manage, 'remove', 'neighbour']);
      const tunnel = await bench.watched.untilCode('rekeyed', 'T-3003');
      expect(tunnel.layers[2]?.evidence).toContain(
        `an unknown key ${wrong.fingerprint} was offered from ${from}`,
      );
      await site.stop();
      await copyFile(right, site.keyFile);
      site.start();
      await bench.watched.untilCode('rekeyed', 'T-4000');
    },
  );

  test.concurrent('whose key was replaced offers its former one', async () => {
    const site = await bench.site({ clientId: 'rotated', repositories: { files: bench.uri } });
    site.start();
    await bench.watched.untilCode('rotated', 'T-4000');
    const fresh = makeKey(bench.appliance.folder, 'fresh');
    await bench.appliance.ke([manage, 'add', 'rotated', '--pub-key', `${fresh.path}.pub`, '-f']);
    await site.stop();
    site.start();
    const tunnel = await bench.watched.untilCode('rotated', 'T-3003');
    expect(tunnel.layers[2]?.evidence).toMatch(/^its former key SHA256:/);
  });

  test.concurrent(
    'whose tenant was removed has no row any more, and its refused logins tell whose it was',
    async () => {
      const site = await bench.site({ clientId: 'removed', repositories: { files: bench.uri } });
      site.start();
      await bench.watched.untilCode('removed', 'T-4000');
      await bench.appliance.ke([manage, 'remove', 'removed']);
      const { services, entry } = bench.watched;
      await waitFor('its refused logins are listed', async () => {
        await services.fleet.refresh([entry.id]);
        const refused = services.fleet.remoteNetworks(entry.id)?.value.refusedLogIns ?? [];
        return refused.some((one) => one.formerKeyOf === 'removed' && one.keyOf === null);
      });
      expect(bench.watched.tunnels('removed')).toEqual([]);
    },
  );

  test('of a tenant whose keys are gone has none registered', async () => {
    // Edit the state file, because no command leaves a tenant without a key.
    await bench.site({ clientId: 'keyless', repositories: {} });
    const path = join(bench.appliance.config.stateFolder, 'tenants.json');
    const state: { tenants: { clientId: string; keys: unknown[] }[] } = JSON.parse(
      await readFile(path, 'utf8'),
    );
    for (const tenant of state.tenants) if (tenant.clientId === 'keyless') tenant.keys = [];
    await writeFile(path, JSON.stringify(state));
    expect(await bench.watched.untilCode('keyless', 'T-2001')).toMatchObject({ tone: 'bad' });
  });
});
