import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bindWithoutListening } from '../../../test-support/boundPort.ts';
import { startProbeBench, type ProbeBench } from '../../../test-support/probeBench.ts';
import { waitFor } from '../../../test-support/waitFor.ts';

const manage = 'ke_manage_remote_networks';
let bench: ProbeBench;

beforeAll(async () => {
  bench = await startProbeBench();
});
afterAll(() => bench.stop());

describe('a tunnel of Connect', () => {
  test.concurrent('that is down is no refused upstream', async () => {
    const site = await bench.site({ clientId: 'down', repositories: { files: bench.uri } });
    site.start();
    await bench.watched.untilCode('down', 'T-4000');
    await bench.watched.probe('down');
    await site.stop();
    const tunnel = await bench.watched.untilCode('down', 'T-3001');
    expect(tunnel).toMatchObject({ tone: 'warn', word: 'no session' });
    await expect(bench.watched.probe('down')).resolves.toMatchObject({ probed: 0, well: 0 });
  });

  test.concurrent('whose client is stopped is a stale listener, and no silent service', async () => {
    const site = await bench.site({ clientId: 'stopped', repositories: { files: bench.uri } });
    site.start();
    await bench.watched.untilCode('stopped', 'T-4000');
    await bench.watched.probe('stopped');
    site.process().kill('SIGSTOP');
    const seen = new Set<string>();
    const probing = bench.watched.probe('stopped');
    await waitFor('the listener is stale', () => {
      const code = bench.watched.tunnel('stopped')?.code ?? '';
      seen.add(code);
      return code === 'T-4002';
    });
    expect(await probing).toMatchObject({ probed: 1, well: 0 });
    expect(seen).toEqual(new Set(['T-6000', 'T-4002']));
    expect(bench.watched.layer('stopped', 'listener')?.evidence).toMatch(
      /pid \d+, held without a live session/,
    );
  });

  test.concurrent(
    'whose port something else has bound is not listening, and is once that is gone',
    async () => {
      const site = await bench.site({ clientId: 'blocked', repositories: { files: bench.uri } });
      const port = site.ports.first;
      const blocker = await bindWithoutListening(bench.appliance.system, port);
      try {
        site.start();
        expect(await bench.watched.untilCode('blocked', 'T-4001')).toMatchObject({ port, tone: 'bad' });
        expect(bench.watched.layer('blocked', 'session')).toMatchObject({ state: 'ok', code: 'T-3000' });
        expect(bench.watched.layer('blocked', 'listener')).toMatchObject({
          state: 'fail',
          evidence: `Connect announced it, but nothing listens on ${port}`,
        });
        await expect(bench.watched.probe('blocked')).resolves.toMatchObject({ probed: 0, well: 0 });
      } finally {
        await blocker.stop();
      }
      await bench.watched.untilCode('blocked', 'T-4000');
    },
  );

  test.concurrent('when it forwards nothing, has T-4003, and T-3002 once its client is stopped', async () => {
    const site = await bench.site({ clientId: 'mute', repositories: {} });
    site.start();
    expect(await bench.watched.untilCode('mute', 'T-4003')).toMatchObject({ tone: 'warn' });
    site.process().kill('SIGSTOP');
    expect(await bench.watched.untilCode('mute', 'T-3002')).toMatchObject({ tone: 'bad' });
    expect(bench.watched.layer('mute', 'session')?.evidence).toMatch(
      /sshd \d+ is up, its client has been silent since/,
    );
  });

  test.concurrent(
    'with more repositories than ports has a row that says so for each that found none',
    async () => {
      const repositories = { a: bench.uri, b: bench.uri, c: bench.uri, d: bench.uri };
      const site = await bench.site({ clientId: 'crowded', repositories, quota: 2 });
      site.start();
      await waitFor('all four are rows', () => bench.watched.tunnels('crowded').length === 4);
      await bench.watched.untilCode('crowded', 'T-4005', 'd');
      expect(
        bench.watched.tunnels('crowded').map((one) => [one.repository, one.code, one.port !== null]),
      ).toEqual([
        ['a', 'T-4000', true],
        ['b', 'T-4000', true],
        ['c', 'T-4005', false],
        ['d', 'T-4005', false],
      ]);
      expect(bench.watched.tunnel('crowded', 'd')).toMatchObject({ destination: bench.uri, tone: 'bad' });
    },
  );

  test.concurrent('is suspended, and resumed', async () => {
    const site = await bench.site({ clientId: 'suspended', repositories: { files: bench.uri } });
    site.start();
    await bench.watched.untilCode('suspended', 'T-4000');
    await bench.appliance.ke([manage, 'change', '0', 'suspended']);
    expect(await bench.watched.untilCode('suspended', 'T-2002')).toMatchObject({ tone: 'off' });
    await bench.appliance.ke([manage, 'change', '20', 'suspended']);
    await site.stop();
    site.start();
    await bench.watched.untilCode('suspended', 'T-4000');
  });

  // The tests below do not run concurrently, because they change what all sites share: the service, the
  // appliance's version, the program.
  test('is OK, fails when its upstream stops, and recovers', async () => {
    const site = await bench.site({ clientId: 'upstream', repositories: { files: bench.uri } });
    site.start();
    await bench.watched.untilCode('upstream', 'T-4000');
    expect(await bench.watched.probe('upstream')).toMatchObject({ probed: 1, well: 1 });
    expect(bench.watched.tunnel('upstream')).toMatchObject({ code: 'T-6000', tone: 'ok', word: 'answering' });
    await bench.stopService();
    expect(await bench.watched.probe('upstream')).toMatchObject({ probed: 1, well: 0 });
    expect(bench.watched.tunnel('upstream')).toMatchObject({ code: 'T-6001', tone: 'bad' });
    await bench.startService();
    await bench.watched.probe('upstream');
    expect(bench.watched.tunnel('upstream')).toMatchObject({ code: 'T-6000', tone: 'ok' });
  });

  test('of a service that is newer than the appliance is too old, unless it answers all the same', async () => {
    const site = await bench.site({
      clientId: 'aged',
      repositories: { files: bench.uri, docs: `cmis+http://files.localhost:${bench.servicePort}/cmisatom` },
    });
    site.start();
    await bench.watched.untilCode('aged', 'T-4000', 'docs');
    const configuration = await readFile(bench.appliance.configFile, 'utf8');
    try {
      await writeFile(
        bench.appliance.configFile,
        JSON.stringify({ ...JSON.parse(configuration), applianceVersion: '1.7.2' }),
      );
      const tunnel = await bench.watched.untilCode('aged', 'T-6401', 'docs');
      expect(tunnel.layers[5]?.evidence).toBe('cmis needs the appliance 1.14.4, and it is 1.7.2');
      await bench.watched.probe('aged');
      expect(bench.watched.tunnel('aged', 'files')).toMatchObject({ code: 'T-6000' });
      expect(bench.watched.tunnel('aged', 'docs')).toMatchObject({ code: 'T-6401' });
    } finally {
      await writeFile(bench.appliance.configFile, configuration);
    }
  });

  test('of a service that is newer than its Connect is too old, unless it answers all the same', async () => {
    const site = await bench.site({
      clientId: 'ancient',
      repositories: { files: bench.uri, docs: `cmis+http://files.localhost:${bench.servicePort}/cmisatom` },
    });
    const program = join(bench.appliance.folder, 'bundle', 'connect.mjs');
    const shipped = await readFile(program, 'utf8');
    const { stdout } = await promisify(execFile)(process.execPath, [program, 'version']);
    const version = stdout.trim();
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    try {
      // All services work with Connect's first version, so this test reports an even older one.
      await writeFile(program, shipped.replaceAll(version, '0.9.4'));
      site.start();
      const tunnel = await bench.watched.untilCode('ancient', 'T-6401', 'docs');
      expect(tunnel.layers[5]?.evidence).toBe('cmis needs Connect 1.0.0, and it is 0.9.4');
      await bench.watched.probe('ancient');
      expect(bench.watched.tunnel('ancient', 'files')).toMatchObject({ code: 'T-6000' });
      expect(bench.watched.tunnel('ancient', 'docs')).toMatchObject({ code: 'T-6401' });
    } finally {
      await writeFile(program, shipped);
    }
  });
});
