import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnectSite, type ConnectSite } from '../../test-support/connectSite.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { startShoutingService, startTenantClient } from '../../test-support/tenantClient.ts';
import { waitFor } from '../../test-support/waitFor.ts';

let appliance: StockBox;
let upstream: Awaited<ReturnType<typeof startShoutingService>>;
let site: ConnectSite;

beforeAll(async () => {
  appliance = await startStockBox();
  upstream = await startShoutingService();
  site = await createConnectSite(appliance, { clientId: 'acme', upstreamPort: upstream.port });
});
afterAll(async () => {
  await site.clear();
  await upstream.stop();
  await appliance.stop();
});

const status = async () => (await appliance.ke(['ke_status'])).stdout;
const logged = (text: string) => async () => (await readFile(appliance.syslogFile, 'utf8')).includes(text);
const count = (text: string, part: string) => text.split(part).length - 1;
const heardAt = async () => Date.parse((await site.tenant()).sessions[0]?.lastHeartbeatAt ?? '');

describe('the appliance’s service', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'when it is ended by %s and started, no tunnel is interrupted',
    async (signal) => {
      await site.configure(['files', 'wiki']);
      const connect = site.connect();
      await site.waitUntilForwarded(['files', 'wiki']);
      const [before] = (await site.tenant()).sessions;
      const [port = 0] = site.ports;
      await appliance.stopService(signal);
      expect(await appliance.ask(port, 'down')).toBe('DOWN');
      // Connect announces changes while the service is stopped. They must not get lost.
      await site.configure(['files', 'wiki', 'mail']);
      await site.connect('reload', '--config', site.config).ended;
      await appliance.startService();
      await site.waitUntilForwarded(['files', 'wiki', 'mail']);
      const restarted = Date.now();
      await waitFor('a heartbeat arrives', async () => (await heardAt()) > restarted);
      expect((await site.tenant()).sessions).toMatchObject([
        { pid: before?.pid, kind: 'connect', since: before?.since, silentSince: null },
      ]);
      expect(await appliance.ask(port, 'up')).toBe('UP');
      expect(count(connect.output(), 'connecting to')).toBe(1);
      expect(count(connect.output(), 'welcome')).toBe(1);
      connect.process.kill('SIGTERM');
      await connect.ended;
    },
  );

  it('when it is down, logins are refused with a reason in the syslog and in ke_status', async () => {
    await appliance.stopService();
    expect(await status()).toMatch(/^Service +sallyport +stopped +tenants cannot log in/mu);
    const client = startTenantClient(appliance, { keyFile: site.keyFile, options: ['-N'] });
    expect(await client.ended).toBe(255);
    expect(client.stderr()).toContain('Permission denied (publickey)');
    await waitFor('the syslog tells', logged('the sallyport service does not answer'));
    await appliance.startService();
    expect(await status()).toMatch(/^Service +sallyport +running +pid \d+$/mu);
    const again = startTenantClient(appliance, { keyFile: site.keyFile, options: ['-N'] });
    await waitFor('the login works again', async () => (await site.tenant()).sessions.length === 1);
    await again.stop();
  });

  it('when it starts again in time, a waiting login succeeds', async () => {
    await appliance.stopService();
    const client = startTenantClient(appliance, { keyFile: site.keyFile, options: ['-N'] });
    await once(client.process.stderr ?? client.process, 'data');
    await appliance.startService();
    await waitFor('the session is there', async () => (await site.tenant()).sessions.length === 1);
    expect(client.stderr()).not.toContain('Permission denied');
    await client.stop();
  });

  it('when a second service is started, the first keeps its sockets', async () => {
    await waitFor('the last session is gone', async () => (await site.tenant()).sessions.length === 0);
    const { system } = appliance;
    const unit = await readFile(system.path('/etc/systemd/system/sallyport.service'), 'utf8');
    const command = /^ExecStart=(.+)$/mu.exec(unit)?.[1]?.split(' ') ?? [];
    const second = await system.run(command, { user: 'sallyport' });
    const stderr = 'service: another process serves /run/sallyport/lookups/socket\n';
    expect(second).toEqual({ exitCode: 1, stdout: '', stderr });
    expect(await status()).toMatch(/^Service +sallyport +running/mu);
  });
});
