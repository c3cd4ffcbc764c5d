import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startBoxSystem } from '../../test-support/boxSystem.ts';
import { changeTenant, listNetworks, showTenant } from '../../test-support/remoteNetworks.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { startShoutingService, startTenantClient, writeKey } from '../../test-support/tenantClient.ts';
import { waitFor } from '../../test-support/waitFor.ts';

const run = promisify(execFile);
let box: StockBox;

beforeAll(async () => {
  box = await startStockBox({ isNodePacked: true });
});
afterAll(() => box.stop());

describe('a stock box that was installed as documented', () => {
  it('when its ordinary administrator uses the commands, they work from adding a tenant to removing it', async () => {
    const status = await box.ke(['ke_status', '--json']);
    expect(status).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(status.stdout)).toMatchObject({
      identity: { hostname: 'kiln-01', id: box.config.applianceId },
      versions: { appliance: '1.34.2' },
    });
    const { privateKey = '', ports } = await changeTenant(box, 'add', 'acme');
    expect(ports).toEqual([{ first: 2200, last: 2219 }]);
    const service = await startShoutingService();
    onTestFinished(service.stop);
    const client = startTenantClient(box, {
      keyFile: await writeKey(box, privateKey),
      options: ['-N', '-R', `127.0.0.1:2200:127.0.0.1:${service.port}`],
    });
    onTestFinished(client.stop);
    await waitFor('the tunnel answers', async () => (await box.ask(2200, 'hello')) === 'HELLO');
    expect((await showTenant(box, 'acme')).sessions).toHaveLength(1);
    await changeTenant(box, 'remove', 'acme');
    await client.ended;
    expect(await box.ask(2200, 'hello')).toBeNull();
    expect((await listNetworks(box)).tenants).toEqual([]);
  });

  it.each(['ke_status', 'ke_manage_remote_networks list --json', 'ke_manage_remote_networks add full'])(
    'when the output of %s can not be written, the command fails and says so',
    async (command) => {
      const argv = ['sh', '-c', `exec sudo -n ${command} >/dev/full`];
      const ended = await box.system.run(argv, { user: box.adminUser });
      expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
      expect(ended.stderr).toContain("ke: COMMAND_FAILED: the output can't be written: ENOSPC");
    },
  );

  it.each([
    ['read the log', ['tail', '-n', '1', '/var/log/syslog']],
    ['read the shadow file', ['cat', '/etc/shadow']],
    ['run a shell', ['sh', '-c', 'id']],
  ])('rejects a wish of its administrator to %s with sudo', async (_what, argv) => {
    const ended = await box.system.run(['sudo', '-n', ...argv], { user: box.adminUser });
    expect(ended).toEqual({ exitCode: 1, stdout: '', stderr: 'sudo: a password is required\n' });
  });

  it('when a box has stopped, nothing of it is left on this machine', async () => {
    const system = await startBoxSystem({ hostname: 'gone' });
    const { pid, cable } = system;
    await system.mustRun(['sh', '-c', 'setsid sleep 3600 >/dev/null 2>&1 &']);
    expect(await readFile(system.path('/etc/hostname'), 'utf8')).toBe('gone\n');
    await system.stop();
    await expect(readFile(`/proc/${pid}/stat`)).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await run('ps', ['-eo', 'args'])).stdout).not.toContain('sleep 3600');
    expect((await run('ip', ['-o', 'link'])).stdout).not.toContain(cable.devices[0]);
    expect(await readFile('/proc/self/mounts', 'utf8')).not.toContain('stock-box');
  });
});
