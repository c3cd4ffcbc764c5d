import type { ChildProcess } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import packageFile from '../../package.json' with { type: 'json' };
import { addAdministrator, makeKey, startBareBox, type BareBox } from '../../test-support/bareBox.ts';
import { joinBoxes } from '../../test-support/boxNetwork.ts';
import {
  allowStarts,
  aptInstall,
  asRoot,
  listLeftovers,
  startWebService,
} from '../../test-support/debSystems.ts';
import { documentedBlocks } from '../../test-support/documentedCommands.ts';
import { installKit } from '../../test-support/installKit.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { packCarry, publicPem } from './packCarry.ts';
import { packDeb } from './packDebs.ts';

const { version } = packageFile;
const older = '0.0.9';
const admin = 'maria';
const guide = join(import.meta.dirname, '../../docs/carry.md');

let folder: string;
let jumpHost: BareBox;
let appliance: BareBox;
let address: string;
const debs = { console: '', kit: '', olderConsole: '', olderKit: '' };

/** Without compression, which takes most of the time. */
const pack = (name: 'sallyport' | 'sallyport-appliance', packed: string) =>
  packDeb(name, {
    target: { arch: 'x64', version: packed },
    outputFolder: folder,
    compression: ['-Znone'],
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-debs-'));
  debs.console = await pack('sallyport', version);
  debs.kit = await pack('sallyport-appliance', version);
  debs.olderConsole = await pack('sallyport', older);
  debs.olderKit = await pack('sallyport-appliance', older);
  jumpHost = await startBareBox({ hostname: 'jump' });
  appliance = await startBareBox({ hostname: 'kiln-01' });
  [, address = ''] = await joinBoxes([jumpHost.system, appliance.system]);
  for (const { system } of [jumpHost, appliance]) await allowStarts(system);
  const key = join(folder, 'id_ed25519');
  await makeKey(key);
  await addAdministrator(appliance.system, { user: admin, keyFile: key });
  await copyFile(key, jumpHost.system.path('/root/id_ed25519'));
  await asRoot(jumpHost.system, 'chmod 0600 /root/id_ed25519');
});
afterAll(async () => {
  await appliance?.stop();
  await jumpHost?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ssh = `ssh -o BatchMode=yes -o ConnectionAttempts=30 -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;
const onJumpHost = (commands: string) => asRoot(jumpHost.system, commands);
const onAppliance = (commands: string) => asRoot(appliance.system, commands);
/** As the administrator, over sshd and with the installer's sudo rule. */
const logIn = (command: string) => onJumpHost(`${ssh} -i /root/id_ed25519 ${admin}@${address} ${command}`);
const identity = () => readFile(appliance.system.path('/etc/sallyport/appliance.json'), 'utf8');
const isListening = async () => (await onAppliance('ss -Hltn "sport = :2200"')) !== '';

test('when the console is installed, upgraded and called, it is the new version with its completion and man pages', async () => {
  await aptInstall(jumpHost.system, debs.olderConsole);
  expect(await onJumpHost("dpkg-query --show --showformat='${Version}' sallyport")).toBe(older);
  await aptInstall(jumpHost.system, debs.console);
  expect(await onJumpHost("dpkg-query --show --showformat='${Version}' sallyport")).toBe(version);
  expect(await onJumpHost('cd / && sallyport --version')).toContain(`sallyport ${version}`);
  expect(await onJumpHost('sallyport completion bash')).toBe(
    await onJumpHost('cat /usr/share/bash-completion/completions/sallyport'),
  );
  expect(await onJumpHost('man -w sallyport-web')).toContain('/usr/share/man/man1/sallyport-web.1');
  expect(await onJumpHost('command -v node || echo none')).toBe('none\n');
  const documents = '/usr/share/doc/sallyport';
  expect((await onJumpHost('cd / && sallyport notices')).split('\n').length).toBe(
    (await onJumpHost(`zcat ${documents}/NOTICES.txt.gz`)).split('\n').length,
  );
  expect(await onJumpHost('cd / && sallyport notices')).toMatch(/^zod [\d.]+ \(MIT\)$/mu);
  const hash = /^[0-9a-f]{64}/u.exec(await onJumpHost(`zcat ${documents}/sbom.cdx.json.gz | sha256sum`))?.[0];
  expect(await onJumpHost('cd / && sallyport trust')).toContain(hash);
});

test('when the web host runs as its unit says, it prints a new address on request and answers there', async () => {
  const verify = 'XDG_RUNTIME_DIR=/run systemd-analyze --user verify --man=no';
  expect(await onJumpHost(`${verify} /usr/lib/systemd/user/sallyport-web.service 2>&1`)).toBe('');
  const web = await startWebService(jumpHost.system);
  try {
    const { host, hostname } = new URL(web.url);
    expect(web.url).toMatch(/^http:\/\/[0-9a-f]+\.localhost:\d+\/#token=/u);
    const page = await onJumpHost(
      `curl --silent --fail --resolve '${host}:127.0.0.1' 'http://${host}/' # ${hostname}`,
    );
    expect(page).toContain('<script type="module"');
  } finally {
    await web.stop();
  }
  expect(await onJumpHost('stat -c %a /run/sallyport-web.address')).toBe('600\n');
});

test('when the appliance has no administrator yet, the package is installed and says what to run next', async () => {
  expect(await aptInstall(appliance.system, debs.olderKit)).toContain(
    '  sallyport-appliance-setup --admin USER\n',
  );
  expect(await onAppliance("dpkg-query --show --showformat='${db:Status-Status}' sallyport-appliance")).toBe(
    'installed',
  );
  expect(
    await onAppliance(`sallyport-appliance-setup --admin ${admin} --appliance-version 1.34.2`),
  ).toContain(`installed /usr/lib/sallyport-appliance; administrator ${admin}`);
  await appliance.rsyslog.restart();
});

let tenant: ChildProcess | null = null;

test('when the console administers the packaged appliance, it adds a tenant, who opens a port', async () => {
  const { fingerprint } = appliance.sshd.hostKey();
  await onJumpHost(
    `sallyport appliance add kiln-01 ${admin}@${address} --identity /root/id_ed25519 --host-key ${fingerprint}`,
  );
  const status = JSON.parse(await onJumpHost('sallyport --json status kiln-01'));
  expect(status).toMatchObject({ items: [{ name: 'kiln-01', error: null, tenants: { total: 0 } }] });
  await onJumpHost(
    "cd /root && sallyport tenant add kiln-01 acme --generate --private-key-out acme.key --reason 'First tenant' --yes",
  );
  expect(await logIn('sudo -n ke_status')).toMatch(/^Service +sallyport +running/mu);
  await expect(logIn('sudo -n cat /etc/shadow')).rejects.toThrow('a password is required');
  tenant = jumpHost.system.start([
    'sh',
    '-c',
    `exec ${ssh} -i /root/acme.key -N -R 127.0.0.1:2200:127.0.0.1:80 connect@${address}`,
  ]);
  await waitFor('the tenant’s port is listened on', isListening);
});

test('when the appliance is upgraded, identity, administrator and tenants stay, and no session ends', async () => {
  const [before, session] = [await identity(), await onAppliance('pgrep -u connect -x sshd')];
  const units = await onAppliance('ls /etc/systemd/system/multi-user.target.wants');
  expect(units).toMatch(/^sallyport\.service$/mu);
  await onAppliance('systemctl disable --quiet sallyport-ping');
  expect(await aptInstall(appliance.system, debs.kit)).toContain(`administrator ${admin}`);
  expect(await onAppliance("dpkg-query --show --showformat='${Version}' sallyport-appliance")).toBe(version);
  expect(await identity()).toBe(before);
  expect(await onAppliance('pgrep -u connect -x sshd')).toBe(session);
  expect(await isListening()).toBe(true);
  expect(await logIn('sudo -n ke_manage_remote_networks list')).toContain('acme');
  expect(await onAppliance('ls /etc/systemd/system/multi-user.target.wants')).not.toContain('sallyport-ping');
});

test('when the appliance’s package is removed, sessions end and state stays; when it is installed again, all is as before', async () => {
  const before = await identity();
  expect(await onAppliance('apt-get remove -y sallyport-appliance 2>&1')).toMatch(
    /^ended 1 tenant session\r?$/mu,
  );
  await waitFor('the port is free', async () => !(await isListening()));
  expect(tenant?.exitCode ?? null).not.toBe(0);
  await expect(logIn('sudo -n ke_status')).rejects.toThrow('ended with 1');
  expect(await onAppliance('/usr/sbin/sshd -T -C user=connect,host=x,addr=127.0.0.1')).not.toContain(
    'sallyport',
  );
  expect(await onAppliance('ls /var/lib/sallyport/tenants.json')).not.toBe('');
  await aptInstall(appliance.system, debs.kit);
  expect(await identity()).toBe(before);
  expect(await logIn('sudo -n ke_manage_remote_networks list')).toContain('acme');
});

test('when the setup is killed or runs twice at once, the next run completes it', async () => {
  const before = await identity();
  for (const seconds of [0.2, 0.5, 1])
    await onAppliance(`timeout --signal KILL ${seconds} sallyport-appliance-setup >/dev/null 2>&1 || true`);
  const both = await onAppliance(
    'for run in 1 2; do sallyport-appliance-setup >/dev/null & pids="$pids $!"; done; for pid in $pids; do wait $pid; done; ls -A /usr/lib | grep sallyport',
  );
  expect(both).toBe('sallyport-appliance\n');
  expect(await identity()).toBe(before);
  expect(await logIn('sudo -n ke_status')).toMatch(/^Service +sallyport +running/mu);
});

test('when both packages are purged, nothing of them is left but a policy, and the console’s data stay', async () => {
  await onAppliance(
    'echo "settings: {}" >/etc/sallyport/policy.yaml; apt-get purge -y sallyport-appliance 2>&1',
  );
  expect(await onAppliance('ls /etc/sallyport')).toBe('policy.yaml\n');
  await onAppliance('rm -r /etc/sallyport');
  expect(await listLeftovers(appliance.system)).toBe('');
  const data = await onJumpHost('find /root -name "*sallyport*" | sort');
  await onJumpHost('apt-get purge -y sallyport 2>&1; rm -f /run/sallyport-web.*');
  expect(await listLeftovers(jumpHost.system)).toBe('');
  expect(await onJumpHost('find /root -name "*sallyport*" | sort')).toBe(data);
});

test('when a file names the administrator, the first installation sets up all; when starts are forbidden, it starts nothing', async () => {
  await onAppliance(
    `printf 'ADMIN=${admin}\\nAPPLIANCE_VERSION=1.35.0\\n' >/etc/default/sallyport-appliance; printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod 0755 /usr/sbin/policy-rc.d`,
  );
  const said = await aptInstall(appliance.system, debs.kit);
  expect(said).toContain('the services are not started, because /usr/sbin/policy-rc.d forbids it');
  expect(JSON.parse(await identity())).toMatchObject({ applianceVersion: '1.35.0' });
  expect((await appliance.system.run(['service', 'sallyport', 'status'])).exitCode).toBe(3);
  await allowStarts(appliance.system);
  await onAppliance('service sallyport start; service ssh reload');
  await waitFor('the service runs', async () => /sallyport +running/u.test(await logIn('sudo -n ke_status')));
  await onAppliance('apt-get purge -y sallyport-appliance 2>&1');
  expect(await listLeftovers(appliance.system)).toBe('');
});

test('when users of the owner have the names of the package’s, or links lead to its state, a purge deletes only the package’s own', async () => {
  await onAppliance(
    'useradd --create-home connect; mkdir /srv/state /srv/settings; ln -s /srv/state /var/lib/sallyport; ln -s /srv/settings /etc/sallyport; groupadd sallyport-api; useradd --gid sallyport-api neighbour',
  );
  await aptInstall(appliance.system, debs.kit);
  await onAppliance(`sallyport-appliance-setup --admin ${admin}; ke_manage_remote_networks add acme`);
  expect(await onAppliance('ls /srv/state/tenants.json /srv/settings/appliance.json')).not.toBe('');
  await onAppliance('apt-get purge -y sallyport-appliance 2>&1');
  expect(await onAppliance('ls -A /srv/state /srv/settings')).toBe('/srv/settings:\n\n/srv/state:\n');
  expect(await onAppliance('id -un connect neighbour; id -gn neighbour; ls -d /home/connect')).toBe(
    'connect\nneighbour\nsallyport-api\n/home/connect\n',
  );
  await onAppliance('userdel --remove connect; userdel neighbour; groupdel sallyport-api');
  expect(await listLeftovers(appliance.system)).toBe('');
});

test('when the kit was installed by install.sh, the package takes its place with the same tenants', async () => {
  await installKit(appliance.system, { administrator: admin, version: '1.34.2', isNodePacked: false });
  const before = await identity();
  await onAppliance('ke_manage_remote_networks add acme >/root/acme.key');
  expect(await aptInstall(appliance.system, debs.kit)).toContain(`administrator ${admin}`);
  expect(await identity()).toBe(before);
  expect(await logIn('sudo -n ke_manage_remote_networks list')).toContain('acme');
  expect(await onAppliance('ls -d /opt/sallyport /usr/local/sbin/ke_* 2>/dev/null || true')).toBe('');
  const rule = await onAppliance('cat /etc/sudoers.d/sallyport');
  expect(rule).toContain(`${admin} ALL=(root) NOPASSWD: /usr/sbin/ke_status, /usr/bin/ke_status\n`);
  const again = await appliance.system.run(['sh', `/home/${admin}/kit/install.sh`]);
  expect(again).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('has the package sallyport-appliance'),
  });
});

/** Writes a carried file and its public key into the box. */
async function receive(carried: readonly string[]): Promise<void> {
  const key = join(folder, 'update-key.pem');
  const own = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  writeFileSync(key, own, { mode: 0o600 });
  const name = `sallyport-${version}-carry`;
  packCarry({
    files: { '': carried, npm: ['LICENSE'] },
    keyFile: key,
    output: join(folder, `${name}.tar`),
    sourceDate: 0,
  });
  await onAppliance('mkdir /root/received');
  copyFileSync(join(folder, `${name}.tar`), appliance.system.path(`/root/received/${name}.tar`));
  writeFileSync(appliance.system.path('/root/received/update-key.pem.public.pem'), publicPem(own));
}

/** Runs the documented commands as they are written, until one fails. */
const verifyCarried = () => {
  const commands = documentedBlocks(guide, 'Verify it', 'appliance').map((block) => block.commands);
  const script = `cd /root/received\n${commands.join('')}`;
  return appliance.system.run(['bash', '-e', '-o', 'pipefail', '-c', script]);
};

test('when the carried file is as it was written, the documented commands verify and install it', async () => {
  await receive([debs.console, debs.kit]);
  const { exitCode, stdout, stderr } = await verifyCarried();
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const der = Buffer.from(
    readFileSync(appliance.system.path('/root/received/update-key.pem.public.pem'), 'utf8').replace(
      /-+[^-]+-+/gu,
      '',
    ),
    'base64',
  );
  const fingerprint = createHash('sha256').update(der).digest('hex');
  expect(stdout).toBe(`${fingerprint}  -\nSignature Verified Successfully\n`);
  for (const { commands } of documentedBlocks(guide, 'Install', 'appliance').slice(0, 2))
    await onAppliance(`cd /root/received/carried/sallyport-${version}-carry\n${commands}`);
  expect(await onAppliance('sallyport --version')).toContain(version);
});

test('when a package is built twice, it has the same bytes', async () => {
  const before = readFileSync(debs.olderKit);
  const again = await pack('sallyport-appliance', older);
  expect(readFileSync(again).equals(before)).toBe(true);
});
