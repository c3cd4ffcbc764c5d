import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addAdministrator, makeKey, startBareBox, type BareBox } from '../../test-support/bareBox.ts';
import { buildKitBundle } from '../../test-support/kitBundle.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { applianceConfigSchema } from '../core/config.ts';

const kit = '/root/kit';
const sshdConfig = '/etc/ssh/sshd_config';
const rsyslogConfig = '/etc/rsyslog.conf';
const snippet = '/etc/ssh/sshd_config.d/sallyport.conf';
const rsyslogRule = '/etc/rsyslog.d/30-sallyport.conf';
let box: BareBox;

beforeAll(async () => {
  box = await startBareBox();
  const keyFile = join(box.folder, 'key');
  await makeKey(keyFile);
  for (const user of ['ubuntu', 'maria']) await addAdministrator(box.system, { user, keyFile });
  await cp(await buildKitBundle(), box.system.path(kit), { recursive: true });
});
afterAll(() => box.stop());

const install = (...options: string[]) => box.system.run(['sh', `${kit}/install.sh`, ...options]);
const read = (path: string) => readFile(box.system.path(path), 'utf8');
const edit = async (path: string, change: (text: string) => string) =>
  writeFile(box.system.path(path), change(await read(path)));

async function effective(user: string): Promise<string[]> {
  const query = ['-T', '-C', `user=${user},host=x,addr=127.0.0.1`];
  return (await box.system.mustRun(['/usr/sbin/sshd', ...query])).split('\n');
}

const status = (user: string) => box.system.run(['sudo', '-n', 'ke_status', '--json'], { user });

async function readConfig() {
  return applianceConfigSchema.parse(JSON.parse(await read('/etc/sallyport/appliance.json')));
}

/** After each start, the schedule runs commands, which write files of their own. Then it sleeps. */
async function untilScheduleSleeps(): Promise<void> {
  await waitFor('the schedule sleeps', async () => {
    const lines = (await box.system.mustRun(['ps', '-eo', 'args', '--no-headers'])).split('\n');
    const isRunning = lines.some((line) => line.endsWith('/sallyport-ping.sh'));
    return !isRunning || lines.some((line) => /^sleep \d+$/u.test(line));
  });
}

/**
 * Lists all files, links, permissions and accounts of the box that an installation could change. Without the mark of the
 * clock and what Node compiled, because the observer and each command may write them.
 */
async function fingerprint(): Promise<string> {
  await untilScheduleSleeps();
  const places =
    "/etc /opt /usr/local /var/lib/sallyport ! -path '/opt/sallyport/compiled/*' ! -name 'clock.json*'";
  const rights = `find ${places} -printf '%p %y %m %U %G %l\\n' 2>/dev/null | sort`;
  const contents = `find ${places} -type f ! -name node -exec sha256sum {} + 2>/dev/null | sort`;
  return (
    await box.system.run(['sh', '-c', `${rights}; ${contents}; stat -c '%n %Y %s' /opt/sallyport/node`])
  ).stdout;
}

/** Creates a copy of the bundle with one changed file. */
async function damagedBundle(change: (folder: string) => Promise<void>): Promise<string> {
  const folder = box.system.path('/root/damaged');
  await rm(folder, { recursive: true, force: true });
  await cp(box.system.path(kit), folder, { recursive: true });
  await change(folder);
  return '/root/damaged';
}

describe('the kit', () => {
  /** Texts that only the authority's own files hold, also in a bundle. package.json, which the kit has, holds none. */
  const authorityTexts = ['from "better-sqlite3"', 'require("better-sqlite3")', 'CREATE TABLE signingKey'];

  it('contains nothing of the licence authority', async () => {
    const bundle = await buildKitBundle();
    const files = (await readdir(bundle, { recursive: true })).filter((name) => /\.[cm]js$/u.test(name));
    expect(files).toEqual(expect.arrayContaining(['connect.mjs', 'ke_status.cjs', 'service.mjs']));
    const texts = await Promise.all(files.map((name) => readFile(join(bundle, name), 'utf8')));
    expect(authorityTexts.filter((text) => texts.some((file) => file.includes(text)))).toEqual([]);
    // The texts are looked for in the right spelling.
    const source = await readFile(join(import.meta.dirname, '../authority/store/schema.ts'), 'utf8');
    expect(source).toContain('CREATE TABLE signingKey');
    // The search finds a text that must be there.
    expect(texts.some((file) => file.includes('ke_manage_license_key'))).toBe(true);
  });

  /** Loading a program is most of a command's processor time, and grows with what the program holds. */
  it.each([
    ['ke_status', 310, ['yaml', 'jose', '@noble/hashes']],
    ['ke_manage_remote_networks', 490, ['yaml']],
    ['ke_manage_license_key', 780, []],
    ['ke_update_configuration', 780, []],
    ['ke_usage_report', 780, []],
    ['ke_manage_accounts', 740, []],
  ])('has in %s at most %i kB, and none of these packages: %s', async (name, most, packages) => {
    const text = await readFile(join(await buildKitBundle(), `${name}.cjs`), 'utf8');
    expect(text.length / 1000).toBeLessThan(most);
    // The bundler names each module before its text.
    expect(text).toContain('// node_modules/zod/');
    expect(packages.filter((one) => text.includes(`// node_modules/${one}/`))).toEqual([]);
    // Only a command that reaches the authority loads HTTPS.
    expect(text).not.toMatch(/^\S.*require\("node:https?"\)/mu);
  });
});

const refusals: { name: string; options: string[]; exitCode: number; says: string }[] = [
  { name: 'an unknown option', options: ['--unknown'], exitCode: 2, says: 'unknown option --unknown' },
  { name: 'an option without its value', options: ['--node'], exitCode: 2, says: '--node needs a value' },
  { name: 'an empty value', options: ['--admin', ''], exitCode: 2, says: '--admin needs a value' },
  { name: 'a relative Node', options: ['--node', 'node'], exitCode: 2, says: 'an absolute path' },
  {
    name: 'a Node that a script may misread',
    options: ['--node', '/bin/true; reboot'],
    exitCode: 2,
    says: 'misread',
  },
  {
    name: 'a program that is no Node',
    options: ['--node', '/bin/true'],
    exitCode: 2,
    says: 'not a Node of version 20',
  },
  {
    name: 'a user name that would widen the rule',
    options: ['--admin', 'root ALL=(ALL) NOPASSWD: ALL #'],
    exitCode: 2,
    says: '--admin is not a user name',
  },
  {
    name: 'a user who does not exist',
    options: ['--admin', 'bob'],
    exitCode: 3,
    says: 'there is no user bob on this appliance; add the user first, or name another one with --admin',
  },
  {
    name: "a number that is a user's ID",
    options: ['--admin', '1000'],
    exitCode: 3,
    says: 'there is no user 1000 on this appliance',
  },
  ...['connect', 'sallyport'].map((user) => ({
    name: `${user} as administrator`,
    options: ['--admin', user],
    exitCode: 2,
    says: `${user} is a user of the kit`,
  })),
  ...['--admin', '--appliance-version', '--listen-address', '--node', '--bundle'].map((option) => ({
    name: `two lines for ${option}`,
    options: [option, '1.2.3\n4'],
    exitCode: 2,
    says: `${option} takes a value of one line`,
  })),
  { name: 'a version with a command', options: ['--appliance-version', '$(id)'], exitCode: 2, says: 'N.N.N' },
  { name: 'a version of two numbers', options: ['--appliance-version', '1.30'], exitCode: 2, says: 'N.N.N' },
  { name: 'a version with a gap', options: ['--appliance-version', '1..2'], exitCode: 2, says: 'N.N.N' },
  { name: 'a bundle that is not there', options: ['--bundle', '/nowhere'], exitCode: 2, says: 'is missing' },
];

/** Runs an installation that must be refused. The result has the form of `refused`. */
async function refusal(options: readonly string[], says: string) {
  const before = await fingerprint();
  const { exitCode, stdout, stderr } = await install(...options);
  const isChanged = (await fingerprint()) !== before;
  return { exitCode, stdout, says: stderr.includes(says) ? says : stderr, isChanged };
}

const refused = (exitCode: number, says: string) => ({ exitCode, stdout: '', says, isChanged: false });

/**
 * These tests run both before and after the kit is installed. Each refusal must leave the box unchanged.
 */
function describeRefusals(cases: typeof refusals): void {
  it.each(cases)('rejects $name and changes nothing', async ({ options, exitCode, says }) => {
    expect(await refusal(options, says)).toEqual(refused(exitCode, says));
  });

  it.each([
    [
      'is damaged',
      async (folder: string) => {
        const path = join(folder, 'node-linux-x64.gz');
        const bytes = await readFile(path);
        bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
        await writeFile(path, bytes);
        // Change the checksum too. Otherwise an update would not unpack Node, because its checksum is that of
        // the installed one.
        await writeFile(join(folder, 'node.sha256'), `${'0'.repeat(64)}  node-linux-x64.gz\n`);
      },
      1,
      'node-linux-x64.gz is damaged; copy the bundle again',
    ],
    [
      'has no checksum',
      (folder: string) => writeFile(join(folder, 'node.sha256'), ''),
      2,
      'node.sha256 does not name node-linux-x64.gz',
    ],
    [
      'is missing and the box has none',
      (folder: string) => rm(join(folder, 'node-linux-x64.gz')),
      2,
      'the bundle has no Node for x86_64; give one of version 20 or later with --node',
    ],
  ])('rejects a bundle whose Node %s and changes nothing', async (_how, damage, exitCode, says) => {
    expect(await refusal(['--bundle', await damagedBundle(damage)], says)).toEqual(refused(exitCode, says));
  });

  it.each([
    ['takes no snippets', (text: string) => text.replace(/^Include .*$/mu, ''), 'does not take our settings'],
    [
      'has another block for the user before ours',
      (text: string) =>
        `Match User connect\nAuthorizedKeysCommandUser nobody\nAuthorizedKeysCommand /bin/true\nMatch all\n${text}`,
      'does not take our settings',
    ],
    ['is refused by sshd', (text: string) => `${text}\nNonsense yes\n`, 'sshd refuses its configuration'],
  ])('rejects a box whose sshd_config %s and changes nothing', async (_how, change, says) => {
    const good = await read(sshdConfig);
    await edit(sshdConfig, change);
    expect(await refusal([], says)).toEqual(refused(1, says));
    await edit(sshdConfig, () => good);
  });
}

/** Changes the installed file, so that the test notices if it is not restored. */
async function markSnippet(): Promise<void> {
  await box.system.mustRun(['sh', '-c', `[ ! -e ${snippet} ] || echo '# earlier' >>${snippet}`]);
}

/** Runs `action` while a folder of the box keeps its files but has no free space. */
async function whileFull<Result>(folder: string, action: () => Promise<Result>): Promise<Result> {
  const fill = `cp -a ${folder} /root/kept && mount -t tmpfs -o size=64k,mode=755 none ${folder} && cp -a /root/kept/. ${folder}
rm -r /root/kept; dd if=/dev/zero of=${folder}/filler bs=4k 2>/dev/null || true`;
  await box.system.mustRun(['sh', '-e', '-c', fill]);
  const result = await action();
  await box.system.mustRun(['umount', folder]);
  return result;
}

/** Sends SIGHUP to the installer in its last step, the check of rsyslog's files. */
async function whileHangingUp<Result>(action: () => Promise<Result>): Promise<Result> {
  const program = '/usr/sbin/rsyslogd';
  await box.system.mustRun(['mv', program, '/root/rsyslogd']);
  await writeFile(box.system.path(program), '#!/bin/sh\nkill -HUP $PPID\n', { mode: 0o755 });
  const result = await action();
  await box.system.mustRun(['mv', '/root/rsyslogd', program]);
  return result;
}

/** Tests all events that can end the script after it has installed files and before they are final. */
function describeInterruptions(): void {
  it('when the disk is full, ends with 1 and changes nothing', async () => {
    await markSnippet();
    await whileFull('/etc/rsyslog.d', async () => {
      await box.system.mustRun(['rm', '-f', rsyslogRule]);
      await box.system.run(['dd', 'if=/dev/zero', 'of=/etc/rsyslog.d/filler2', 'bs=4k']);
      expect(await refusal([], 'No space left')).toEqual(refused(1, 'No space left'));
    });
  });

  it('when it receives SIGHUP, ends with 1 and changes nothing', async () => {
    await markSnippet();
    await box.system.mustRun(['sh', '-c', `[ ! -e ${rsyslogRule} ] || echo '# earlier' >>${rsyslogRule}`]);
    await whileHangingUp(async () => expect(await refusal([], '')).toEqual(refused(1, '')));
  });
}

describe('install.sh on a box without the kit', () => {
  describeRefusals(refusals);
  describeInterruptions();

  it('rejects a box whose rsyslog has an invalid configuration, and changes nothing', async () => {
    const good = await read(rsyslogConfig);
    await edit(rsyslogConfig, (text) => `${text}\n)nonsense(\n`);
    expect(await refusal([], 'rsyslog refuses the rule for sshd; nothing was changed')).toEqual(
      refused(1, 'rsyslog refuses the rule for sshd; nothing was changed'),
    );
    await edit(rsyslogConfig, () => good);
  });

  it('when called with --help, prints the options and changes nothing', async () => {
    const before = await fingerprint();
    const { exitCode, stdout } = await install('--help');
    expect(exitCode).toBe(0);
    for (const option of ['--admin', '--appliance-version', '--node', '--bundle', '--uninstall'])
      expect(stdout).toContain(`\n  ${option}`);
    expect(await fingerprint()).toBe(before);
  });

  it('rejects a user who is not root', async () => {
    await cp(await buildKitBundle(), box.system.path('/home/ubuntu/kit'), { recursive: true });
    const ended = await box.system.run(['sh', '/home/ubuntu/kit/install.sh'], { user: 'ubuntu' });
    expect(ended).toMatchObject({ exitCode: 4, stderr: 'install.sh: must run as root\n' });
  });
});

describe('install.sh', () => {
  it('when the disk is full after the checks, says that the installation is incomplete', async () => {
    const { exitCode, stderr } = await whileFull('/etc/tmpfiles.d', () => install('--admin', 'maria'));
    expect(exitCode).toBe(1);
    expect(stderr).toContain('No space left');
    expect(stderr).toMatch(
      /install\.sh: the installation is incomplete; .* run it again with the same options\n$/u,
    );
    // The rule must be removed. Otherwise the next run would find it and would not restart rsyslog.
    expect((await box.system.run(['ls', rsyslogRule])).exitCode).not.toBe(0);
  });

  it('creates an identity, the kit’s own Node, and the rights that sshd and the kit need', async () => {
    const { exitCode, stdout } = await install('--appliance-version', '1.30.2', '--admin', 'maria');
    expect(exitCode).toBe(0);
    const config = await readConfig();
    expect(config).toMatchObject({ applianceVersion: '1.30.2', connectUser: 'connect' });
    expect(stdout).toContain(
      `installed /opt/sallyport; administrator maria; identity ${config.applianceId}\n`,
    );
    const folders = [
      '/var/lib/sallyport',
      '/var/lib/sallyport/ports',
      '/run/sallyport/auth',
      '/run/sallyport/sessions',
    ];
    const modes = await box.system.mustRun(['stat', '-c', '%a %U:%G', ...folders]);
    expect(modes).toBe(`2751 root:sallyport\n${'2750 sallyport:sallyport\n'.repeat(3)}`);
    const { version } = process;
    expect(await box.system.mustRun(['/opt/sallyport/node', '--version'])).toBe(`${version}\n`);
    const rule = await read('/etc/sudoers.d/sallyport');
    const given = rule.split('\n').filter((line) => line.startsWith('maria '));
    const commands = [
      'ke_status',
      'ke_manage_remote_networks',
      'ke_manage_license_key',
      'ke_update_configuration',
      'ke_update_configuraton',
      'ke_usage_report',
      'ke_manage_accounts',
      'ke_syslog',
      'ke_watch',
    ];
    expect(given).toEqual(
      commands.map((name) => `maria ALL=(root) NOPASSWD: /usr/local/sbin/${name}, /usr/local/bin/${name}`),
    );
    expect(rule).not.toMatch(/NOPASSWD: *ALL/u);
  });

  it('when systemd starts the service, the service has few rights and finds its programs', async () => {
    const unit = '/etc/systemd/system/sallyport.service';
    // The licence pings need root's files and the network, the observer other users' processes.
    for (const [checked, threshold] of [
      [unit, 20],
      ['/etc/systemd/system/sallyport-ping.service', 35],
      ['/etc/systemd/system/sallyport-observer.service', 35],
    ] as const) {
      const verified = await box.system.run(['systemd-analyze', 'verify', '--man=no', checked]);
      expect(verified).toEqual({ exitCode: 0, stdout: '', stderr: '' });
      const limit = `--threshold=${threshold}`;
      await box.system.mustRun(['systemd-analyze', 'security', '--offline=true', limit, checked]);
    }
    const texts = await Promise.all([unit, '/etc/init.d/sallyport'].map(read));
    for (const text of texts) {
      expect(text).toContain('/opt/sallyport/service.mjs /etc/sallyport/appliance.json');
    }
    expect(texts[0]).toContain('\nRestart=always\n');
  });

  it('writes a configuration that sshd accepts and that lets tenants open forwards only', async () => {
    const tenant = await effective('connect');
    for (const line of [
      'authenticationmethods publickey',
      'passwordauthentication no',
      'kbdinteractiveauthentication no',
      'authorizedkeysfile none',
      'authorizedkeyscommanduser sallyport',
      'allowtcpforwarding remote',
      'allowstreamlocalforwarding no',
      'permitopen none',
      'x11forwarding no',
      'allowagentforwarding no',
      'permittunnel no',
      'permittty no',
      'trustedusercakeys none',
      'authorizedprincipalsfile none',
      'maxsessions 1',
      'clientaliveinterval 5',
      'clientalivecountmax 3',
    ])
      expect(tenant).toContain(line);
    const others = await effective('root');
    expect(others).toContain('allowtcpforwarding yes');
    expect(others).toContain('authorizedkeyscommand none');
  });

  describe('for a member of a cluster', () => {
    beforeAll(async () => {
      const device = box.system.cable.devices[1];
      for (const address of ['10.77.0.2/24', 'fd00:77::2/64'])
        await box.system.mustRun(['ip', 'addr', 'add', address, 'dev', device]);
    });

    it('when an address is given, keeps it in updates until it is removed', async () => {
      const before = await readConfig();
      for (const [options, address] of [
        [['--listen-address', '10.77.0.2'], '10.77.0.2'],
        [[], '10.77.0.2'],
        [['--listen-address', 'fd00:77::2'], 'fd00:77::2'],
        [['--listen-address', 'none'], undefined],
        [[], undefined],
      ] as const) {
        expect((await install(...options)).exitCode).toBe(0);
        const { listenAddress, ...others } = await readConfig();
        expect({ listenAddress, others }).toStrictEqual({ listenAddress: address, others: before });
        expect(await read(snippet)).toContain(
          `GatewayPorts ${address === undefined ? 'no' : 'clientspecified'}\n`,
        );
      }
    });

    it.each(['10.77.0.3', '10.77.0.0', '127.0.0.1', '::1', 'fe80::2', '0.0.0.0', '::', '*', '', 'localhost'])(
      'rejects %j, because other members cannot reach this computer at it, and changes nothing',
      async (address) => {
        expect(await refusal(['--listen-address', address], '--listen-address')).toEqual(
          refused(2, '--listen-address'),
        );
      },
    );
  });

  it("lets rsyslog write sshd's lines to the syslog once, and no other lines of that facility", async () => {
    await box.rsyslog.restart();
    const say = (facility: string, tag: string, message: string) =>
      box.system.mustRun(['logger', '--priority', `${facility}.info`, '--tag', tag, '--', message]);
    await say('auth', 'sshd', 'Failed publickey for connect');
    await say('authpriv', 'sshd', 'session opened for a test');
    await say('authpriv', 'sudo', 'COMMAND=ke_status');
    await say('user', 'test', 'the last');
    await waitFor('the last line', async () => (await read('/var/log/syslog')).includes('the last'));
    const lines = (await read('/var/log/syslog')).split('\n');
    const counted = ['Failed publickey', 'session opened for a test', 'COMMAND=', 'the last'].map(
      (text) => lines.filter((line) => line.includes(text)).length,
    );
    expect(counted).toEqual([1, 1, 0, 1]);
    expect(await box.system.mustRun(['stat', '-c', '%a %G', '/var/log/syslog'])).toBe('640 adm\n');
  });

  it('when run again without options, updates the program and changes no settings', async () => {
    const before = await fingerprint();
    const rule = (await box.system.mustRun(['stat', '-c', '%y', rsyslogRule])).trim();
    const { exitCode, stdout } = await install();
    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      `updated /opt/sallyport; administrator maria; identity ${(await readConfig()).applianceId}\n`,
    );
    expect(await fingerprint()).toBe(before);
    // The file is unchanged, so rsyslog was not restarted. Log lines are lost during a restart.
    expect((await box.system.mustRun(['stat', '-c', '%y', rsyslogRule])).trim()).toBe(rule);
  });

  it('when accounts are in tables of an older kit, an update brings them to this kit’s version', async () => {
    await box.system.mustRun(['ke_manage_accounts', 'init']);
    const run = (script: string) =>
      box.system.mustRun([
        '/opt/sallyport/node',
        '-e',
        `new (require('node:sqlite').DatabaseSync)('/var/lib/sallyport/accounts.db').exec(${JSON.stringify(script)})`,
      ]);
    const count = () => box.system.run(['ke_usage_report', '--kind', 'summary']);
    await run(`DROP INDEX account_by_kind; DROP INDEX account_by_user; DROP INDEX account_odd;
      DELETE FROM schema_migration WHERE number > 1`);
    expect((await count()).stderr).toContain('its tables are of version 1');
    expect(await install()).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('account') });
    expect(await count()).toMatchObject({ exitCode: 0, stderr: '' });
    // Tables that can't be updated stop no update.
    await run('DELETE FROM schema_migration');
    const failed = await install();
    expect(failed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('updated ') });
    expect(failed.stderr).toContain('DATABASE_UNUSABLE');
    expect(failed.stderr).toContain('the account tables are not those of this kit');
    await box.system.mustRun(['sh', '-c', 'rm /var/lib/sallyport/accounts.*']);
  });

  it('keeps what Node compiled where only root can read or write it, and clears it with each update', async () => {
    const compiled = '/opt/sallyport/compiled';
    const list = async () => (await box.system.mustRun(['find', compiled, '-type', 'f'])).split('\n').sort();
    await box.system.mustRun(['ke_manage_license_key', 'show']);
    await untilScheduleSleeps();
    const files = await list();
    await writeFile(box.system.path(`${compiled}/old`), '');
    expect((await status('maria')).exitCode).toBe(0);
    // A user without rights runs the command too, and neither reads nor writes there.
    const asUser = await box.system.run(['ke_status', '--json'], { user: 'ubuntu' });
    expect(asUser).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await list()).toEqual([...files, `${compiled}/old`].sort());
    const rights = await box.system.mustRun(['find', compiled, '-printf', '%U %m\n']);
    expect(new Set(rights.trim().split('\n'))).toEqual(new Set(['0 700', '0 755', '0 600', '0 644']));
    await install();
    expect(await list()).not.toContain(`${compiled}/old`);
  });

  it('when another version or administrator is given, changes only that and says so', async () => {
    const before = await readConfig();
    const { stdout } = await install('--appliance-version', '1.34.2');
    expect(stdout).toContain('appliance version 1.30.2 is now 1.34.2\n');
    expect(await readConfig()).toEqual({ ...before, applianceVersion: '1.34.2' });
    const moved = await install('--admin', 'ubuntu');
    expect(moved.stdout).toContain('administrator changed from maria to ubuntu\n');
    expect(await status('ubuntu')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await status('maria')).toMatchObject({ exitCode: 1, stdout: '' });
  });

  it('when the administrator was deleted, rejects an update and changes nothing', async () => {
    await install('--admin', 'maria');
    await box.system.mustRun(['userdel', 'maria']);
    expect(await refusal([], 'there is no user maria on this appliance')).toEqual(
      refused(3, 'there is no user maria on this appliance'),
    );
    expect((await install('--admin', 'ubuntu')).exitCode).toBe(0);
  });

  it('when a Node is given, uses a copy that its owner cannot change', async () => {
    await box.system.mustRun(['sh', '-c', 'gzip -dc /root/kit/node-linux-x64.gz >/home/ubuntu/node']);
    await box.system.mustRun(['chmod', '0755', '/home/ubuntu/node']);
    expect((await install('--node', '/home/ubuntu/node')).exitCode).toBe(0);
    await rm(box.system.path('/home/ubuntu/node'));
    expect(await box.system.mustRun(['stat', '-c', '%U %a', '/opt/sallyport/node'])).toBe('root 755\n');
    expect((await box.system.run(['ke_status'], { user: 'ubuntu' })).exitCode).toBe(0);
  });

  it('when a copy of the given Node does not run, keeps the old Node', async () => {
    const broken = '#!/bin/sh\ncase $0 in */.sallyport.*) exit 1 ;; esac\nexec /opt/sallyport/node "$@"\n';
    await writeFile(box.system.path('/root/broken'), broken, { mode: 0o755 });
    expect(await refusal(['--node', '/root/broken'], 'does not run as a copy')).toEqual(
      refused(1, 'does not run as a copy'),
    );
  });
});

describe('install.sh on a box with the kit', () => {
  beforeAll(() => install());
  describeRefusals(refusals.filter(({ exitCode }) => exitCode === 3));
  describeInterruptions();

  it('when its settings are damaged, rejects an update and changes nothing', async () => {
    const config = '/etc/sallyport/appliance.json';
    const good = await read(config);
    for (const damaged of ['', '{ garbage\n', good.slice(0, 20)]) {
      await edit(config, () => damaged);
      expect(await refusal([], 'appliance.json is damaged')).toEqual(refused(1, 'appliance.json is damaged'));
      expect(await read(config)).toBe(damaged);
    }
    await edit(config, () => good);
  });

  it('when it runs again after an interruption, completes the installation', async () => {
    // Earlier kits had these programs.
    for (const folder of ['/opt/sallyport', '/opt/sallyport/kit'])
      for (const name of ['ke.mjs', 'ke_status.mjs'])
        await writeFile(box.system.path(`${folder}/${name}`), '');
    expect(await install()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('updated ') });
    expect(await read(snippet)).not.toContain('# earlier');
    const programs = (await box.system.mustRun(['ls', '/opt/sallyport', '/opt/sallyport/kit'])).split('\n');
    expect(programs.filter((name) => /^ke.*\.[cm]js$/u.test(name)).sort()).toEqual(
      [
        'ke_manage_accounts',
        'ke_manage_license_key',
        'ke_manage_remote_networks',
        'ke_status',
        'ke_update_configuration',
        'ke_usage_report',
      ].flatMap((name) => [`${name}.cjs`, `${name}.cjs`]),
    );
  });
});
