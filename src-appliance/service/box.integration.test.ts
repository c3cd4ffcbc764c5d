import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { changeTenant, showTenant } from '../../test-support/remoteNetworks.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { startShoutingService, startTenantClient, writeKey } from '../../test-support/tenantClient.ts';
import { waitFor } from '../../test-support/waitFor.ts';

let box: StockBox;
let keyFile: string;

beforeAll(async () => {
  box = await startStockBox();
  const { privateKey = '' } = await changeTenant(box, 'add', 'acme');
  keyFile = await writeKey(box, privateKey);
});
afterAll(() => box.stop());

const sessions = async () => (await showTenant(box, 'acme')).sessions;

async function openTunnel() {
  const upstream = await startShoutingService();
  onTestFinished(upstream.stop);
  const options = ['-N', '-R', `127.0.0.1:2200:127.0.0.1:${upstream.port}`];
  const client = startTenantClient(box, { keyFile, options });
  onTestFinished(client.stop);
  await waitFor('the tunnel answers', async () => (await box.ask(2200, 'hello')) === 'HELLO');
}

describe('the service on a stock box without systemd', () => {
  it('when it runs, neither the service nor the tenants’ user has privileges', async () => {
    const pid = (await box.system.mustRun(['cat', '/run/sallyport.pid'])).trim();
    const status = await readFile(box.system.path(join('/proc', pid, 'status')), 'utf8');
    const own = (await box.system.mustRun(['id', '-u', 'sallyport'])).trim();
    expect(status).toMatch(new RegExp(`^Uid:\\s+${own}\\s+${own}\\s+${own}\\s+${own}$`, 'mu'));
    expect(status).toMatch(/^CapEff:\s+0+$/mu);
    expect(await box.system.mustRun(['id', '-Gn', 'connect'])).toBe('connect\n');
    expect(await box.system.mustRun(['id', '-Gn', 'sallyport'])).toBe('sallyport\n');
  });

  it('when the kit is updated or the service is restarted, keeps the tunnels', async () => {
    await openTunnel();
    const [before] = await sessions();
    const pid = await box.system.mustRun(['cat', '/run/sallyport.pid']);
    await box.system.mustRun(['sh', `/home/${box.adminUser}/kit/install.sh`]);
    expect(await box.system.mustRun(['cat', '/run/sallyport.pid'])).not.toBe(pid);
    expect(await box.ask(2200, 'updated')).toBe('UPDATED');
    await box.system.mustRun(['service', 'sallyport', 'restart']);
    expect(await box.ask(2200, 'restarted')).toBe('RESTARTED');
    expect(await sessions()).toMatchObject([{ pid: before?.pid, since: before?.since }]);
  });

  it('when the box was restarted, creates its folders and lets tenants log in', async () => {
    const { system } = box;
    expect((await system.run(['service', 'sallyport', 'stop'])).exitCode).toBe(0);
    expect((await system.run(['service', 'sallyport', 'status'])).exitCode).toBe(3);
    expect((await system.run(['ke_status'])).stdout).toMatch(/^Service +sallyport +stopped/mu);
    await system.mustRun(['rm', '-r', '/run/sallyport']);
    await box.startService();
    expect((await system.run(['service', 'sallyport', 'status'])).exitCode).toBe(0);
    await openTunnel();
    expect(await sessions()).toHaveLength(1);
  });

  it('when the kit is removed, is removed with its start script', async () => {
    const { system } = box;
    await system.mustRun(['sh', `/home/${box.adminUser}/kit/install.sh`, '--uninstall']);
    expect((await system.run(['pgrep', '-u', 'sallyport'])).exitCode).toBe(1);
    expect((await system.run(['ls', '/etc/init.d/sallyport'])).exitCode).toBe(2);
  });
});
