import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startProbeTestSetup, type ProbeTestSetup } from '../../test-support/probeTestSetup.ts';
import { defaultProbing } from '../../src-shared/model/tunnels/probe.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { createServices } from '../services.ts';
import { cliProgram } from '../../test-support/cliProgram.ts';

const run = promisify(execFile);
let setup: ProbeTestSetup;
let port = 0;

beforeAll(async () => {
  setup = await startProbeTestSetup();
  const site = await setup.site({ clientId: 'northwind', repositories: { files: setup.uri } });
  port = site.ports.first;
  site.start();
  await setup.watched.waitForCode('northwind', 'T-4000');
});
afterAll(() => setup.stop());

const rows = z.array(
  z.object({
    port: z.number().nullable(),
    code: z.string(),
    word: z.string(),
    latencyMs: z.number().nullable(),
    evidence: z.string(),
  }),
);
const failedSchema = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() });

/** Runs a command in the data folder of the running console. */
async function sallyport(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    const { stdout, stderr } = await run(process.execPath, [
      cliProgram,
      '--data',
      setup.watched.dataFolder,
      ...argv,
    ]);
    return { code: 0, stdout, stderr };
  } catch (thrown) {
    return failedSchema.parse(thrown);
  }
}

describe('the prober', () => {
  test('rejects unknown appliances, tenants and ports, and changes nothing', async () => {
    const { services, entry } = setup.watched;
    const { prober } = services;
    const about = { applianceId: entry.id, clientId: null, port: null };
    await expect(prober.probe({ ...about, clientId: 'nobody' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(prober.probe({ ...about, port: 5199 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(prober.results(entry.id).size).toBe(0);
    const { records } = services.audit.list({ before: null, limit: 100, query: 'probe' });
    expect(records).toEqual([]);
  });

  test('when turned on, tests automatically while the fleet is watched', async () => {
    const { services, entry } = setup.watched;
    const told: number[] = [];
    const stop = services.prober.onResults((_, results) =>
      told.push(...results.map((result) => result.port)),
    );
    await services.prober.setSettings({ ...defaultProbing, enabled: true, everyMinutes: 1, atOnce: 2 });
    await waitFor('the first turn', () => services.prober.results(entry.id).has(port));
    await waitFor('it is told', () => told.includes(port));
    expect(setup.watched.tunnel('northwind')).toMatchObject({ code: 'T-6000', tone: 'ok' });
    stop();
    await services.prober.setSettings({ ...defaultProbing, enabled: false, everyMinutes: 7, atOnce: 2 });
    const { records } = services.audit.list({ before: null, limit: 2, query: 'probing.change' });
    expect(records).toMatchObject([
      { phase: 'outcome', result: 'ok' },
      { phase: 'intent', object: 'probing', detail: expect.stringContaining('"everyMinutes":7') },
    ]);
  });

  test('follows a setting that another console on the same data folder has changed', async () => {
    const { dataFolder, services } = setup.watched;
    const before = services.prober.settings();
    const another = createServices({ dataFolder, host: 'cli', operator: 'tester' });
    await another.prober.setSettings({ ...before, atOnce: 3 });
    await waitFor('it is taken in', () => services.prober.settings().atOnce === 3);
    await another.prober.setSettings(before);
    await waitFor('it is back', () => services.prober.settings().atOnce === before.atOnce);
    await another.close();
    expect(services.prober.settings()).toEqual(before);
  });

  test('keeps results and settings across restarts', async () => {
    const { dataFolder, entry, services } = setup.watched;
    const known = services.prober.results(entry.id).get(port);
    const reopened = () => createServices({ dataFolder, host: 'cli', operator: 'tester' });
    await waitFor('it is saved', async () => {
      const again = reopened();
      const result = again.prober.results(entry.id).get(port);
      const settings = again.prober.settings();
      await again.close();
      return JSON.stringify(result) === JSON.stringify(known) && settings.everyMinutes === 7;
    });
    expect(known).toMatchObject({ port, uri: setup.uri, service: { outcome: 'answered' } });
  });

  test('serves the command line: exit 0 if all is OK, 1 if not, or the code of the error', async () => {
    const [well, ...others] = await Promise.all([
      sallyport('--json', 'probe', 'kiln', 'northwind', String(port)),
      sallyport('probe', 'kiln', 'nobody'),
      sallyport('probe', 'kiln', 'northwind', '5199'),
      sallyport('probe', 'kiln', 'northwind', '0'),
    ]);
    expect([well, ...others].map((ended) => ended.code)).toEqual([0, 3, 3, 2]);
    expect(rows.parse(JSON.parse(well.stdout).items)).toMatchObject([
      { port, code: 'T-6000', word: 'answering' },
    ]);
    await setup.stopService();
    const bad = await sallyport('probe', 'kiln');
    await setup.startService();
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(
      /PORT +TENANT +CODE.*\n.*northwind +T-6001 +upstream refused.*Connect reports that the connection was refused/,
    );
  });

  test('forgets the results of a removed appliance', async () => {
    const { services, entry } = setup.watched;
    await services.appliances.remove(entry.id, 'kiln');
    await waitFor('it is forgotten', () => services.prober.results(entry.id).size === 0);
    await expect(
      services.prober.probe({ applianceId: entry.id, clientId: null, port: null }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
