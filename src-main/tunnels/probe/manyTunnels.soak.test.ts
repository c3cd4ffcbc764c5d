import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { portCount } from '../../../src-shared/model/tenants/ports.ts';
import { startProbeBench, type ProbeBench } from '../../../test-support/probeBench.ts';
import { waitFor } from '../../../test-support/waitFor.ts';

/** A single Connect forwards every port of an appliance. The benchmark tests 150 sites instead. */
let bench: ProbeBench;

beforeAll(async () => {
  bench = await startProbeBench();
  const names = Array.from({ length: portCount }, (_, index) => `files-${String(index).padStart(4, '0')}`);
  const site = await bench.site({
    clientId: 'everything',
    quota: portCount,
    repositories: Object.fromEntries(names.map((name) => [name, bench.uri])),
  });
  site.start();
  const { watched } = bench;
  await waitFor(
    'all ports listen, each for its session',
    () => watched.tunnels('everything').filter((tunnel) => tunnel.code === 'T-4000').length === portCount,
    600_000,
  );
});
afterAll(() => bench.stop());

describe('all tunnels of a full appliance', () => {
  test('are probed and then well, each for itself', async () => {
    const { watched } = bench;
    const done = await watched.probe('everything');
    expect(done).toMatchObject({ probed: portCount, well: portCount });
    expect(done.milliseconds).toBeLessThan(600_000);
    const codes = watched.tunnels('everything').map((tunnel) => tunnel.code);
    expect(codes).toHaveLength(portCount);
    expect(new Set(codes)).toEqual(new Set(['T-6000']));
    process.stdout.write(`probed ${done.probed} tunnels in ${Math.round(done.milliseconds)} ms\n`);
  });

  test('whose upstream stops are all told so', async () => {
    const { watched } = bench;
    await bench.stopService();
    const done = await watched.probe('everything');
    expect(done).toMatchObject({ probed: portCount, well: 0 });
    expect(done.milliseconds).toBeLessThan(600_000);
    const codes = watched.tunnels('everything').map((tunnel) => tunnel.code);
    expect(new Set(codes)).toEqual(new Set(['T-6001']));
    process.stdout.write(`told ${done.probed} refused upstreams in ${Math.round(done.milliseconds)} ms\n`);
    await bench.startService();
  });
});
