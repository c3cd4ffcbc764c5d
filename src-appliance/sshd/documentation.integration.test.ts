import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBareBox, type BareBox } from '../../test-support/bareBox.ts';
import { documentedBlocks, type DocumentedBlock } from '../../test-support/documentedCommands.ts';
import { createOperatorComputer, type OperatorComputer } from '../../test-support/operatorComputer.ts';
import { killTree } from '../../test-support/processTree.ts';
import { startNginx, type TenantService } from '../../test-support/tenantServices.ts';
import { waitFor } from '../../test-support/waitFor.ts';

const name = 'kiln-01.example.com';
const readme = join(import.meta.dirname, '../../README.md');
const guide = join(import.meta.dirname, '../../docs/appliance.md');

let box: BareBox;
let replacement: BareBox | null = null;
let computer: OperatorComputer;
let fileServer: TenantService;
const running: ChildProcess[] = [];

beforeAll(async () => {
  box = await startBareBox();
  computer = await createOperatorComputer({ folder: box.folder, hosts: { [name]: box.host } });
  await computer.knowHost(`${name} ${await readFile(box.system.path(hostKey), 'utf8')}`);
  fileServer = await startNginx({
    folder: box.folder,
    ports: [80],
    servers: 'server { listen 127.0.0.1:80; location / { add_header DAV 1; return 200; } }',
  });
});
afterAll(async () => {
  await endRunning();
  await computer.stop();
  await fileServer.stop();
  await replacement?.stop();
  await box.stop();
});

async function endRunning(): Promise<void> {
  for (const child of running.splice(0)) await killTree(child);
}

const hostKey = '/etc/ssh/ssh_host_ed25519_key.pub';
const isListening = async (on: BareBox, port: number) =>
  (await on.system.mustRun(['ss', '-Hltn', `sport = :${port}`])) !== '';

/** Values that a person would copy from one computer to the other. */
const notes = new Map<string, string>();

async function follow(block: DocumentedBlock, on: BareBox = box): Promise<string> {
  const commands = [...notes].reduce((text, [gap, value]) => text.replaceAll(gap, value), block.commands);
  if (block.place === 'site') {
    running.push(computer.start(commands));
    await waitFor('the tenant’s port is listened on', () => isListening(on, 2200));
    return '';
  }
  const said = block.place === 'computer' ? await computer.run(commands) : await runAsRoot(on, commands);
  const key = /^ssh-ed25519 \S+/mu.exec(said)?.[0];
  if (key !== undefined) notes.set('ssh-ed25519 …', key);
  const fingerprint = /^256 (SHA256:\S+)/mu.exec(said)?.[1];
  if (fingerprint !== undefined) notes.set('SHA256:…', fingerprint);
  return said;
}

const runAsRoot = (on: BareBox, commands: string) => on.system.mustRun(['sh', '-e', '-c', commands]);

async function followAll(blocks: readonly DocumentedBlock[], on?: BareBox): Promise<string> {
  let said = '';
  for (const block of blocks) said += await follow(block, on);
  return said;
}

const tenantPid = () => box.system.mustRun(['pgrep', '-u', 'connect', '-x', 'sshd']);
const read = (on: BareBox, path: string) => readFile(on.system.path(path), 'utf8');
const inGuide = (heading: string) => documentedBlocks(guide, heading, 'appliance');
const listTenants = () => computer.run('sallyport tenant list kiln-01');
const hasRepository = async () =>
  (await computer.run('sallyport --json port list kiln-01')).includes('webdav+http://127.0.0.1:80/');

describe('when a user runs the commands of the documents unchanged', () => {
  it('there is a connected tenant at the end of the installation', async () => {
    const blocks = documentedBlocks(readme, 'Your own appliances');
    expect(blocks.map(({ place }) => place)).toEqual([
      'computer',
      'appliance',
      'computer',
      'appliance',
      'computer',
      'site',
      'computer',
      'computer',
    ]);
    const said = await followAll(blocks);
    expect(notes.get('SHA256:…')).toBe(box.sshd.hostKey().fingerprint);
    expect(said).toMatch(/^acme +20 +.*2200–2219/mu);
    expect(said).toContain('added acme');
    expect(said).toMatch(/^2200 +acme +T-6998 +forwarding/mu);
  });

  it('and Connect replaces OpenSSH with the pack, the repository is listed by its name', async () => {
    await endRunning();
    await waitFor('the port is free', async () => !(await isListening(box, 2200)));
    await computer.run(`mkdir -p /etc/kloudless
install -m 0640 acme-pack/connect.yaml /etc/kloudless/connect.yaml
install -m 0400 acme.key /etc/kloudless/ssh_key.priv`);
    running.push(computer.start('exec node out/kit/connect.mjs start'));
    await waitFor('the repository is listed', hasRepository);
    expect(await listTenants()).toMatch(/^acme +20 +.* 1 +1 +T-/mu);
  });

  it('and the settings change and the kit is updated, the tenant stays connected', async () => {
    const before = await tenantPid();
    const said = await followAll([
      ...inGuide('Settings'),
      ...inGuide('Updating'),
      ...inGuide('Reading the log'),
    ]);
    expect(said).toContain('appliance version 1.34.2 is now 1.35.0');
    expect(said).toContain('updated /opt/sallyport; administrator ubuntu');
    expect(await tenantPid()).toBe(before);
    expect(await computer.run('sallyport syslog tail kiln-01 --lines 50')).toContain('acme');
  });

  it('and many tenants are expected, sshd accepts more logins at once', async () => {
    await followAll(inGuide('Many tenants'));
    expect(await box.system.mustRun(['/usr/sbin/sshd', '-T'])).toContain('maxstartups 100:30:300');
  });

  it('and restores another box from the backup, it is the same appliance with the same tenants', async () => {
    await followAll(inGuide('Backup'));
    const archive = '/root/sallyport-backup.tar.gz';
    expect(await box.system.mustRun(['stat', '-c', '%a %U', archive])).toBe('600 root\n');
    const spare = await startBareBox();
    replacement = spare;
    const [, addUser, , install] = documentedBlocks(readme, 'Your own appliances');
    if (addUser === undefined || install === undefined) throw new Error('README lost its steps');
    const printed = notes.get('SHA256:…') ?? '';
    await follow(addUser, spare);
    notes.set('SHA256:…', printed);
    await copy(spare);
    await follow(install, spare);
    await copyFile(box.system.path(archive), spare.system.path(archive));
    await followAll(inGuide('Restore'), spare);
    for (const path of ['/etc/sallyport/appliance.json', '/var/lib/sallyport/tenants.json', hostKey])
      expect(await read(spare, path)).toBe(await read(box, path));
    const rights = [
      'stat',
      '-c',
      '%n %a %U:%G',
      '/var/lib/sallyport',
      '/var/lib/sallyport/tenants.json',
      '/etc/sallyport',
    ];
    expect(await spare.system.mustRun(rights)).toBe(await box.system.mustRun(rights));
    // The tenant uses its old files and only changes the address.
    running.push(
      computer.start(
        `exec ssh -i acme.key -o HostKeyAlias=${name} -N -R 127.0.0.1:2200:127.0.0.1:80 connect@${spare.host}`,
      ),
    );
    await waitFor('the tenant is back on the new box', () => isListening(spare, 2200));
    expect(
      await spare.system.mustRun(['sudo', '-n', 'ke_manage_remote_networks', 'list'], { user: 'ubuntu' }),
    ).toContain('acme');
  });

  it('and the kit is uninstalled, first ends the tenants, says how many, and keeps the state', async () => {
    const said = await runAsRoot(box, inGuide('Uninstalling')[0]?.commands ?? '');
    expect(said).toContain('ended 1 tenant session\n');
    expect(await isListening(box, 2200)).toBe(false);
    const left = await box.system.mustRun([
      'sh',
      '-c',
      'cd /etc; ls /opt /usr/local/sbin /usr/local/bin sudoers.d init.d tmpfiles.d rsyslog.d ssh/sshd_config.d security/limits.d',
    ]);
    expect(left).not.toMatch(/ke_|sallyport/u);
    expect(await readFile(box.system.path('/var/lib/sallyport/tenants.json'), 'utf8')).toContain('"acme"');
    await expect(listTenants()).rejects.toThrow('exit ');
  });

  it('and the kit is installed again, the tenants are the same; when the state is removed, nothing is left', async () => {
    await copy(box);
    const [, , , install] = documentedBlocks(readme, 'Your own appliances');
    if (install === undefined) throw new Error('README lost its steps');
    await follow(install);
    // Start Connect again, because it ended when it was refused while the kit was missing. A service manager
    // would do this.
    running.push(computer.start('exec node out/kit/connect.mjs start'));
    await waitFor('Connect is back', hasRepository);
    await followAll(inGuide('Uninstalling'));
    const left = await runAsRoot(
      box,
      'find / -xdev \\( -path /proc -o -path /tmp \\) -prune -o -name "*sallyport*" ! -path "/root/*" -print; getent passwd connect sallyport || true; getent group connect sallyport sallyport-api sallyport-workers || true',
    );
    expect(left).toBe('');
  });
});

/**
 * Copies the bundle as the guide's `scp` does, but without the question about the second box's host key.
 */
async function copy(on: BareBox): Promise<void> {
  await on.system.mustRun(['sh', '-c', `umask 022; mkdir -p /home/ubuntu/kit`]);
  await computer.run(`cp -r out/kit/. ${on.system.path('/home/ubuntu/kit')}`);
}
