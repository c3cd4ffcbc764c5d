import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applianceStatusSchema } from '../../src-shared/model/applianceStatus.ts';
import { startDebianAppliance, type DebianAppliance } from '../../test-support/debianSshd.ts';

const run = promisify(execFile);
let appliance: DebianAppliance;

beforeAll(async () => {
  appliance = await startDebianAppliance({ config: { hostname: 'relay-7', applianceVersion: '1.30.2' } });
});
afterAll(() => appliance.stop());

/** Asks as an operator would: over SSH, with the stock client. */
async function overSsh(commandLine: string): Promise<string> {
  const options = [
    '-F',
    'none',
    '-i',
    appliance.adminKeyFile,
    '-o',
    'IdentityAgent=none',
    '-o',
    'BatchMode=yes',
  ];
  const anyHostKey = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-q'];
  const target = ['-p', `${appliance.port}`, `${appliance.adminUser}@${appliance.host}`];
  return (await run('ssh', [...options, ...anyHostKey, ...target, commandLine])).stdout;
}

describe('ke_status over SSH', () => {
  it('tells identity, versions, disks, services and where the log is', async () => {
    const status = applianceStatusSchema.parse(JSON.parse(await overSsh('ke_status --json')));
    expect(status).toMatchObject({
      contract: 1,
      identity: { id: appliance.config.applianceId, hostname: 'relay-7' },
      versions: { appliance: '1.30.2' },
      clock: { ranBackFrom: null },
      logs: { syslog: appliance.syslogFile },
    });
    const { stderr: opensshVersion } = await run('ssh', ['-V']);
    expect(status.versions.sshd).toMatch(/^OpenSSH_/);
    expect(opensshVersion).toContain(status.versions.sshd);
    expect(Math.abs(Date.parse(status.clock.now) - Date.now())).toBeLessThan(60_000);
    expect(status.disks[0]).toMatchObject({ path: '/' });
    expect(status.services).toContainEqual(expect.objectContaining({ name: 'sshd', state: 'running' }));
    expect(status.services).toContainEqual(expect.objectContaining({ name: 'rsyslogd', state: 'running' }));
  });

  it('answers people in text and survives a reader that stops reading', async () => {
    expect(await overSsh('ke_status')).toMatch(/^Appliance {2}relay-7 {2}/);
    expect(await overSsh('ke_status | head -1; echo ${PIPESTATUS[0]}')).toMatch(/\n0\n$/);
  });

  it('refuses words that it does not know', async () => {
    expect(await appliance.ke(['ke_status', 'all'])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'ke_status: INVALID_INPUT: usage: ke_status [--json]\n',
    });
    expect(await appliance.ke(['ke_manage_license_key', 'grant'])).toMatchObject({ exitCode: 2, stdout: '' });
  });
});
