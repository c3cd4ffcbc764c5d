import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applianceStatusSchema } from '../../src-shared/model/appliance/applianceStatus.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { sshSettings } from '../../test-support/tenantClient.ts';

const run = promisify(execFile);
let appliance: StockBox;

beforeAll(async () => {
  appliance = await startStockBox({ hostname: 'relay-7', applianceVersion: '1.30.2' });
});
afterAll(() => appliance.stop());

/** Runs a command like an administrator: over SSH, with the stock client. */
async function overSsh(commandLine: string): Promise<string> {
  const target = ['-p', `${appliance.port}`, `${appliance.adminUser}@${appliance.host}`];
  const argv = ['-F', 'none', '-i', appliance.adminKeyFile, ...sshSettings(), ...target, commandLine];
  return (await run('ssh', argv)).stdout;
}

const changes = 'no tenant can be added or changed';
const readOnly = (folder: string) => ['mount', '-o', 'remount,bind,ro', folder];
const full = (folder: string) => ['mount', '-t', 'tmpfs', '-o', 'size=4k', 'none', folder];

describe('ke_status over SSH', () => {
  it.each([
    ['through sudo', 'sudo -n '],
    ['without a right', ''],
  ])('when it is run %s, shows identity, versions, disks, services and the log', async (_how, sudo) => {
    const status = applianceStatusSchema.parse(JSON.parse(await overSsh(`${sudo}ke_status --json`)));
    expect(status).toMatchObject({
      contract: 1,
      identity: { id: appliance.config.applianceId, hostname: 'relay-7' },
      versions: { appliance: '1.30.2' },
      clock: { ranBackFrom: null },
      logs: { syslog: '/var/log/syslog' },
    });
    const { stderr: opensshVersion } = await run('ssh', ['-V']);
    expect(status.versions.sshd).toMatch(/^OpenSSH_/);
    expect(opensshVersion).toContain(status.versions.sshd);
    expect(Math.abs(Date.parse(status.clock.now) - Date.now())).toBeLessThan(60_000);
    expect(status.disks[0]).toMatchObject({ path: '/' });
    expect(status.services).toContainEqual(expect.objectContaining({ name: 'sshd', state: 'running' }));
    expect(status.services).toContainEqual(expect.objectContaining({ name: 'rsyslogd', state: 'running' }));
  });

  it('when its reader stops reading, ends without an error', async () => {
    const [whole, head] = await Promise.all([
      overSsh('ke_status'),
      overSsh('ke_status | head -1; echo ${PIPESTATUS[0]}'),
    ]);
    expect(whole).toMatch(/^Appliance {2}relay-7 {2}/);
    expect(head).toMatch(/\n0\n$/);
  });

  it('rejects unknown words with INVALID_INPUT', async () => {
    expect(await appliance.ke(['ke_status', 'all'])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'ke_status: INVALID_INPUT: usage: ke_status [--json]\n',
    });
    expect(await appliance.ke(['ke_manage_license_key', 'grant'])).toMatchObject({ exitCode: 2, stdout: '' });
  });

  it.each([
    ['state folder', '/var/lib/sallyport', readOnly, 'is read-only', changes],
    ['state folder', '/var/lib/sallyport', full, 'has no free space', changes],
    ['run folder', '/run/sallyport', full, 'has no free space', 'tenants cannot log in'],
    ['log', '/var/log', readOnly, 'is read-only', 'nothing is logged'],
  ])(
    'when the %s %s can’t be written, says so through sudo and without a right',
    async (name, folder, mount, obstacle, effect) => {
      const { system } = appliance;
      await system.mustRun(['mount', '--bind', folder, folder]);
      await system.mustRun(mount(folder));
      try {
        for (const sudo of ['sudo -n ', '']) {
          const printed = await overSsh(`${sudo}ke_status --json`);
          expect(applianceStatusSchema.parse(JSON.parse(printed)).findings).toEqual([
            { name, detail: `${folder} ${obstacle}, so ${effect}` },
          ]);
        }
      } finally {
        await system.mustRun([
          'sh',
          '-c',
          `umount ${folder} && while umount ${folder} 2>/dev/null; do :; done`,
        ]);
      }
    },
  );
});
