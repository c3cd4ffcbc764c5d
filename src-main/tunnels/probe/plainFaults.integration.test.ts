import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startTenantClient } from '../../../test-support/tenantClient.ts';
import { startProbeTestSetup, type ProbeTestSetup } from '../../../test-support/probeTestSetup.ts';
import { waitFor } from '../../../test-support/waitFor.ts';

/** Port 9. Nothing listens on it in the test's network. */
const closedPort = 9;

let setup: ProbeTestSetup;

beforeAll(async () => {
  setup = await startProbeTestSetup({ clientAlive: { intervalSeconds: 20, countMax: 3 } });
});
afterAll(() => setup.stop());

describe('a tunnel of plain OpenSSH', () => {
  test.concurrent('forwards, is refused by its service, and stops listening with its client', async () => {
    const site = await setup.site({ clientId: 'plain', repositories: {} });
    const client = setup.plainClient(site, setup.servicePort);
    await setup.watched.waitForCode('plain', 'T-4000');
    await setup.watched.probe('plain');
    expect(setup.watched.tunnel('plain')).toMatchObject({ code: 'T-6998', tone: 'ok', word: 'forwarding' });
    await client.stop();
    await setup.watched.waitForCode('plain', 'T-3001');
    setup.plainClient(site, closedPort);
    await setup.watched.waitForCode('plain', 'T-4000');
    await setup.watched.probe('plain');
    expect(setup.watched.tunnel('plain')).toMatchObject({ code: 'T-6001', tone: 'bad' });
  });

  test.concurrent('when its client is stopped, does not count as forwarding', async () => {
    const site = await setup.site({ clientId: 'frozen', repositories: {} });
    const client = setup.plainClient(site, setup.servicePort);
    await setup.watched.waitForCode('frozen', 'T-4000');
    client.process.kill('SIGSTOP');
    await setup.watched.probe('frozen');
    expect(setup.watched.tunnel('frozen')).toMatchObject({ code: 'T-6002', tone: 'warn' });
    expect(setup.watched.layer('frozen', 'service')?.evidence).toMatch(/nothing came back/);
  });
});

const refused = (port: number) =>
  [
    ['every', `*:${port}:127.0.0.1:9`, `port ${port} on every address`, port],
    ['six', `[::1]:${port}:127.0.0.1:9`, `port ${port} on the address ::1`, port],
    ['zero', '0:127.0.0.1:9', 'a port of the server’s choice (port 0)', port],
    ['foreign', '127.0.0.1:9999:127.0.0.1:9', 'port 9999', port],
  ] as const;

describe('a forward of plain OpenSSH that sshd refuses', () => {
  test.each([0, 1, 2, 3])('when it is of kind %i, is named with what to ask for instead', async (kind) => {
    const [name] = refused(0)[kind] ?? [];
    const site = await setup.site({ clientId: `refused-${name}`, repositories: {} });
    const [, forward = '', asked = '', own = 0] = refused(site.ports.first)[kind] ?? [];
    const client = startTenantClient(setup.appliance, {
      keyFile: site.keyFile,
      options: ['-N', '-R', forward],
      endsIfRefused: false,
    });
    onTestFinished(() => client.stop());
    await setup.watched.waitForCode(site.clientId, 'T-4003');
    const place = { applianceId: setup.watched.entry.id, clientId: site.clientId, port: null };
    const { services } = setup.watched;
    await waitFor(
      'the refused forward is named',
      async () => (await services.ports.diagnose(place)).refusedForward?.asked === asked,
    );
    const diagnosis = await services.ports.diagnose(place);
    expect(diagnosis.next).toBe(
      `Ask the customer to forward 127.0.0.1:${own} instead: ssh -R 127.0.0.1:${own}:HOST:PORT.`,
    );
    expect(diagnosis.forCustomer).toContain(`It asked for ${asked}; `);
  });
});

describe('an appliance', () => {
  test('when sshd does not permit it, leaves tunnels untested', async () => {
    const site = await setup.site({ clientId: 'barred', repositories: { files: setup.uri } });
    const configuration = await readFile(setup.appliance.sshdConfigFile, 'utf8');
    await writeFile(
      setup.appliance.sshdConfigFile,
      `${configuration}\nMatch User ${setup.appliance.adminUser}\n  AllowTcpForwarding no\n`,
    );
    await setup.appliance.restartSshd();
    try {
      site.start();
      await setup.watched.waitForCode('barred', 'T-4000');
      await setup.watched.probe('barred');
      expect(setup.watched.tunnel('barred')).toMatchObject({ code: 'T-5998', tone: 'ok', word: 'listening' });
    } finally {
      await writeFile(setup.appliance.sshdConfigFile, configuration);
    }
  });

  test('when down, says nothing about its tunnels', async () => {
    await setup.appliance.stopSshd();
    expect(await setup.watched.waitForCode('barred', 'T-1001')).toMatchObject({
      tone: 'unknown',
    });
    await expect(setup.watched.probe('barred')).rejects.toMatchObject({ code: 'LINK_NOT_READY' });
  });
});
