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
  it('when its administrator uses the commands, all of them work, from adding a tenant to removing it', async () => {
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
    'when the output of %s cannot be written, the command fails and says so',
    async (command) => {
      const argv = ['sh', '-c', `exec sudo -n ${command} >/dev/full`];
      const ended = await box.system.run(argv, { user: box.adminUser });
      expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
      expect(ended.stderr).toContain('ke: COMMAND_FAILED: the output can’t be written: ENOSPC');
    },
  );

  it.each([
    ['has too few open files', 'ulimit -n 20', /ulimit -n permits 20 open files, and 64 are needed$/u],
    [
      'has too little memory',
      'ulimit -v 500000',
      /ulimit -v permits 500000 kB of address space, and 2000000 are needed$/u,
    ],
  ])('when a command %s, prints one line and exits with 1', async (_what, limit, reason) => {
    for (const command of ['ke_status', 'ke_manage_remote_networks list', 'ke_manage_license_key show']) {
      const ended = await box.system.run(['sh', '-c', `${limit}; exec ${command}`], { user: box.adminUser });
      expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
      const lines = ended.stderr.trimEnd().split('\n');
      expect(lines).toEqual([expect.stringMatching(reason)]);
      expect(lines[0]).toMatch(new RegExp(`^${command.split(' ')[0]}: COMMAND_FAILED: `, 'u'));
    }
  });

  it('when the process limit is the lowest that a command needs, the command runs beside many processes', async () => {
    const limits =
      'for count in $(seq 200); do sleep 20 >/dev/null 2>&1 & done; ulimit -n 64; ulimit -v 2000000';
    for (const command of ['ke_status --json', 'sudo -n ke_manage_remote_networks list --json']) {
      const argv = ['sh', '-c', `${limits}; exec ${command}`];
      const ended = await box.system.run(argv, { user: box.adminUser });
      expect({ ...ended, stdout: '' }).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    }
  });

  it('when only the soft limit is too low, the command raises it and runs', async () => {
    const argv = ['sh', '-c', 'ulimit -Sn 20; exec ke_status'];
    expect(await box.system.run(argv, { user: box.adminUser })).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('when its configuration is unreadable, prints one line and exits with 1', async () => {
    const config = '/etc/sallyport/appliance.json';
    await box.system.mustRun(['chmod', '0600', config]);
    try {
      expect(await box.system.run(['ke_status'], { user: box.adminUser })).toEqual({
        exitCode: 1,
        stdout: '',
        stderr: `ke: COMMAND_FAILED: cannot read the configuration ${config}\n`,
      });
    } finally {
      await box.system.mustRun(['chmod', '0644', config]);
    }
  });

  it.each([
    ['read the log', ['tail', '-n', '1', '/var/log/syslog']],
    ['read the shadow file', ['cat', '/etc/shadow']],
    ['run a shell', ['sh', '-c', 'id']],
  ])('rejects an attempt of its administrator to %s with sudo', async (_what, argv) => {
    const ended = await box.system.run(['sudo', '-n', ...argv], { user: box.adminUser });
    expect(ended).toEqual({ exitCode: 1, stdout: '', stderr: 'sudo: a password is required\n' });
  });

  it('when a box was stopped, leaves nothing on this machine', async () => {
    const system = await startBoxSystem({ hostname: 'gone' });
    const { pid, cable } = system;
    // A length that no other program on this machine sleeps.
    const left = `sleep 3600.${process.pid}`;
    await system.mustRun(['sh', '-c', `setsid ${left} >/dev/null 2>&1 &`]);
    expect(await readFile(system.path('/etc/hostname'), 'utf8')).toBe('gone\n');
    await system.stop();
    await expect(readFile(`/proc/${pid}/stat`)).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await run('ps', ['-eo', 'args'])).stdout).not.toContain(left);
    expect((await run('ip', ['-o', 'link'])).stdout).not.toContain(cable.devices[0]);
    expect(await readFile('/proc/self/mounts', 'utf8')).not.toContain('stock-box');
  });
});
