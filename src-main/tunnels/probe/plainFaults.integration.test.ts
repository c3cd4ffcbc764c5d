import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startProbeBench, type ProbeBench } from '../../../test-support/probeBench.ts';

/** Port 9. Nothing listens on it in the test's network. */
const closedPort = 9;

let bench: ProbeBench;

beforeAll(async () => {
  bench = await startProbeBench({ clientAlive: { intervalSeconds: 20, countMax: 3 } });
});
afterAll(() => bench.stop());

describe('a tunnel of plain OpenSSH', () => {
  test.concurrent(
    'forwards, is refused by its upstream, and is not listening when its client has gone',
    async () => {
      const site = await bench.site({ clientId: 'plain', repositories: {} });
      const client = bench.plainClient(site, bench.servicePort);
      await bench.watched.untilCode('plain', 'T-4000');
      await bench.watched.probe('plain');
      expect(bench.watched.tunnel('plain')).toMatchObject({ code: 'T-6998', tone: 'ok', word: 'forwarding' });
      await client.stop();
      await bench.watched.untilCode('plain', 'T-3001');
      bench.plainClient(site, closedPort);
      await bench.watched.untilCode('plain', 'T-4000');
      await bench.watched.probe('plain');
      expect(bench.watched.tunnel('plain')).toMatchObject({ code: 'T-6001', tone: 'bad' });
    },
  );

  test.concurrent('whose client is stopped is not shown as forwarding', async () => {
    const site = await bench.site({ clientId: 'frozen', repositories: {} });
    const client = bench.plainClient(site, bench.servicePort);
    await bench.watched.untilCode('frozen', 'T-4000');
    client.process.kill('SIGSTOP');
    await bench.watched.probe('frozen');
    expect(bench.watched.tunnel('frozen')).toMatchObject({ code: 'T-6002', tone: 'warn' });
    expect(bench.watched.layer('frozen', 'service')?.evidence).toMatch(/nothing came back/);
  });
});

describe('an appliance', () => {
  test('whose sshd does not permit it leaves tunnels untested', async () => {
    const site = await bench.site({ clientId: 'barred', repositories: { files: bench.uri } });
    const configuration = await readFile(bench.appliance.sshdConfigFile, 'utf8');
    await writeFile(
      bench.appliance.sshdConfigFile,
      `${configuration}\nMatch User ${bench.appliance.adminUser}\n  AllowTcpForwarding no\n`,
    );
    await bench.appliance.restartSshd();
    try {
      site.start();
      await bench.watched.untilCode('barred', 'T-4000');
      await bench.watched.probe('barred');
      expect(bench.watched.tunnel('barred')).toMatchObject({ code: 'T-5998', tone: 'ok', word: 'listening' });
    } finally {
      await writeFile(bench.appliance.sshdConfigFile, configuration);
    }
  });

  test('that is down says nothing of its tunnels', async () => {
    await bench.appliance.stopSshd();
    expect(await bench.watched.untilCode('barred', 'T-1001')).toMatchObject({
      tone: 'unknown',
    });
    await expect(bench.watched.probe('barred')).rejects.toMatchObject({ code: 'LINK_NOT_READY' });
  });
});
