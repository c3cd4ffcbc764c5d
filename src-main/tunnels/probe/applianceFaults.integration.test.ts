import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startProbeTestSetup, type ProbeTestSetup } from '../../../test-support/probeTestSetup.ts';
import type { TenantSite } from '../../../test-support/tenantSite.ts';
import { waitFor } from '../../../test-support/waitFor.ts';

const hardening = '/etc/ssh/sshd_config.d/10-hardening.conf';

let setup: ProbeTestSetup;
let site: TenantSite;

beforeAll(async () => {
  setup = await startProbeTestSetup();
  site = await setup.site({ clientId: 'acme', repositories: { files: setup.uri } });
});
afterAll(() => setup.stop());

const inBox = (script: string) => setup.appliance.system.mustRun(['sh', '-c', script]);

/** Adds settings to sshd's as a hardening tool does, in a file that sshd reads before the kit's. */
const harden = (settings: string) =>
  configureSshd(`printf '${settings}\\n' >${hardening} && /usr/sbin/sshd -t`);
const soften = () => configureSshd(`rm ${hardening}`);

const countStarts = async () =>
  (await readFile(setup.appliance.syslogFile, 'utf8')).split('Server listening on 0.0.0.0').length;

/** sshd reads its settings some time after it was told to, and accepts logins with the old ones until then. */
async function configureSshd(script: string): Promise<void> {
  const before = await countStarts();
  await inBox(`${script} && service ssh reload`);
  await waitFor('sshd listens again', async () => (await countStarts()) > before);
}

/**
 * Opens connections that never log in, from another address than the tenant's, until sshd drops new ones.
 * Resolves with a function that closes them.
 */
async function crowd(): Promise<() => void> {
  await harden('MaxStartups 2:100:2');
  const { host, port, near, syslogFile } = setup.appliance;
  const sockets: Socket[] = [];
  await waitFor('sshd drops connections', async () => {
    sockets.push(connect({ host, port, localAddress: near[1] }).on('error', () => undefined));
    return (await readFile(syslogFile, 'utf8')).includes('beginning MaxStartups throttling');
  });
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}

async function startSite() {
  await site.stop();
  site.start();
  return setup.watched.waitForCode('acme', 'T-4000');
}

/** The layer, the side and the proof of the tenant's diagnosis. */
async function diagnose() {
  const tunnel = setup.watched.tunnel('acme');
  const diagnosis = await setup.watched.services.ports.diagnose({
    applianceId: setup.watched.entry.id,
    clientId: 'acme',
    port: tunnel?.port ?? null,
  });
  return { ...diagnosis, proof: diagnosis.lines.map(({ text }) => text).join('\n') };
}

const refusals = [
  {
    fault: 'AllowUsers does not list the user connect',
    cause: () => harden('AllowUsers ubuntu'),
    undo: soften,
    evidence: 'not listed in AllowUsers',
    proof: 'not allowed because not listed in AllowUsers',
  },
  {
    fault: 'the account of the user connect has expired',
    cause: () => inBox('chage -E 0 connect'),
    undo: () => inBox('chage -E -1 connect'),
    evidence: 'PAM refuses the user connect',
    proof: 'Access denied for user connect by PAM account configuration',
  },
  {
    fault: 'others may write to the folder of the key look-up',
    cause: () => inBox('chmod 0777 /opt'),
    undo: () => inBox('chmod 0755 /opt'),
    evidence: 'sshd doesn’t run the key look-up /opt/sallyport/sallyport-client',
    proof: 'Unsafe AuthorizedKeysCommand',
  },
  {
    fault: 'the key look-up can’t be run',
    cause: () => inBox('chmod 0644 /opt/sallyport/sallyport-client'),
    undo: () => inBox('chmod 0755 /opt/sallyport/sallyport-client'),
    evidence: 'the key look-up /opt/sallyport/sallyport-client failed, status',
    proof: 'AuthorizedKeysCommand',
  },
  {
    fault: 'the shell of the user connect is nologin',
    cause: () => inBox('usermod --shell /usr/sbin/nologin connect'),
    undo: () => inBox('usermod --shell /bin/sh connect'),
    evidence: 'the shell of the user connect is /usr/sbin/nologin',
    proof: '',
  },
] as const;

describe('a tenant without a session', () => {
  test.each(refusals)('when $fault, is refused by the appliance', async (row) => {
    const { cause, undo, evidence, proof } = row;
    await startSite();
    await site.stop();
    await setup.watched.waitForCode('acme', 'T-3001');
    await cause();
    onTestFinished(async () => void (await undo()));
    site.start();
    const tunnel = await setup.watched.waitForCode('acme', 'T-3007');
    expect(tunnel).toMatchObject({ tone: 'bad', word: 'refused by appliance' });
    expect(tunnel.layers[2]?.evidence).toContain(evidence);
    const diagnosis = await diagnose();
    expect(diagnosis).toMatchObject({ side: 'appliance', layer: { code: 'T-3007' } });
    expect(diagnosis.ask).toContain('the administrator of');
    expect(diagnosis.forCustomer).toContain('This is on our side.');
    expect(diagnosis.proof).toContain(proof);
  });

  test('when sshd drops connections over MaxStartups, is refused by the appliance until it drops no more', async () => {
    await startSite();
    await site.stop();
    await setup.watched.waitForCode('acme', 'T-3001');
    const disperse = await crowd();
    site.start();
    const tunnel = await setup.watched.waitForCode('acme', 'T-3007');
    expect(tunnel.layers[2]?.evidence).toContain('(MaxStartups)');
    expect(await diagnose()).toMatchObject({ side: 'appliance' });
    disperse();
    await soften();
    await startSite();
  });
});

describe('a tenant with a session', () => {
  test('when sshd’s settings for it permit no forward, they are named, and no customer is asked', async () => {
    await site.stop();
    await harden('Match all\\n  AllowTcpForwarding no');
    onTestFinished(soften);
    site.start();
    const tunnel = await setup.watched.waitForCode('acme', 'T-4007');
    expect(tunnel).toMatchObject({ tone: 'bad', word: 'forwarding off' });
    expect(tunnel.layers[3]?.evidence).toBe('AllowTcpForwarding is no');
    expect(await diagnose()).toMatchObject({ side: 'appliance', layer: { code: 'T-4007' } });
  });

  test('when a hardening tool disables forwarding for all users, the kit’s settings still permit it', async () => {
    await site.stop();
    await harden('DisableForwarding yes\\nPermitListen none');
    onTestFinished(soften);
    expect(await startSite()).toMatchObject({ tone: 'ok' });
  });
});
