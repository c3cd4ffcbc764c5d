import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { portCount } from '../../../src-shared/model/tenants/ports.ts';
import { startProbeTestSetup, type ProbeTestSetup } from '../../../test-support/probeTestSetup.ts';
import { waitFor } from '../../../test-support/waitFor.ts';

/** A single Connect forwards every port of an appliance. The benchmark tests 150 sites instead. */
let setup: ProbeTestSetup;

beforeAll(async () => {
  setup = await startProbeTestSetup();
  const names = Array.from({ length: portCount }, (_, index) => `files-${String(index).padStart(4, '0')}`);
  const site = await setup.site({
    clientId: 'everything',
    quota: portCount,
    repositories: Object.fromEntries(names.map((name) => [name, setup.uri])),
  });
  site.start();
  const { watched } = setup;
  await waitFor(
    'all ports listen, each for its session',
    () => watched.tunnels('everything').filter((tunnel) => tunnel.code === 'T-4000').length === portCount,
    600_000,
  );
});
afterAll(() => setup.stop());

describe('all tunnels of a full appliance', () => {
  test('are OK when probed, each one separately', async () => {
    const { watched } = setup;
    const done = await watched.probe('everything');
    expect(done).toMatchObject({ probed: portCount, ok: portCount });
    expect(done.milliseconds).toBeLessThan(600_000);
    const codes = watched.tunnels('everything').map((tunnel) => tunnel.code);
    expect(codes).toHaveLength(portCount);
    expect(new Set(codes)).toEqual(new Set(['T-6000']));
    process.stdout.write(`probed ${done.probed} tunnels in ${Math.round(done.milliseconds)} ms\n`);
  });

  test('when the service stops, all say so', async () => {
    const { watched } = setup;
    await setup.stopService();
    const done = await watched.probe('everything');
    expect(done).toMatchObject({ probed: portCount, ok: 0 });
    expect(done.milliseconds).toBeLessThan(600_000);
    const codes = watched.tunnels('everything').map((tunnel) => tunnel.code);
    expect(new Set(codes)).toEqual(new Set(['T-6001']));
    process.stdout.write(`told ${done.probed} refused upstreams in ${Math.round(done.milliseconds)} ms\n`);
    await setup.startService();
  });
});
