import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../test-support/waitFor.ts';
import { applianceConfigSchema } from '../core/config.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'install.sh');
let prefix: string;
let bundle: string;

beforeAll(async () => {
  prefix = await mkdtemp('/opt/sallyport-install-');
  bundle = join(prefix, 'bundle');
  await mkdir(bundle);
  await writeFile(join(bundle, 'ke.mjs'), 'process.stdout.write(`old ${process.argv.slice(2)}`);');
  await copyFile(join(import.meta.dirname, 'ke_syslog.sh'), join(bundle, 'ke_syslog.sh'));
  const repository = join(import.meta.dirname, '../..');
  for (const name of ['sallyport.service', 'sallyport.init'])
    await copyFile(join(repository, 'resources/appliance', name), join(bundle, name));
  for (const name of ['service.mjs', `sallyport-client-${process.arch}`])
    await writeFile(join(bundle, name), '');
});
afterAll(() => rm(prefix, { recursive: true, force: true }));

function install(...options: string[]) {
  return run('sh', [script, '--prefix', prefix, '--bundle', bundle, '--node', process.execPath, ...options]);
}

/** On a computer that has these addresses, in a network of its own. */
function installAt(addresses: readonly string[], ...options: string[]) {
  const setUp = addresses.map((address) => `ip addr add ${address} dev lo nodad`).join(' && ');
  const inNetwork = `ip link set lo up && ${setUp} && exec "$@"`;
  const argv = ['sh', script, '--prefix', prefix, '--bundle', bundle, '--node', process.execPath, ...options];
  return run('unshare', ['--net', 'sh', '-c', inNetwork, 'sh', ...argv]);
}

function readSnippet() {
  return readFile(join(prefix, 'etc/ssh/sshd_config.d/sallyport.conf'), 'utf8');
}

async function readConfig() {
  const text = await readFile(join(prefix, 'etc/sallyport/appliance.json'), 'utf8');
  return applianceConfigSchema.parse(JSON.parse(text));
}

describe('install.sh', () => {
  it('gives an appliance an identity and rights that sshd and the kit need', async () => {
    await install('--appliance-version', '1.30.2', '--admin', 'operator');
    const config = await readConfig();
    expect(config).toMatchObject({ applianceVersion: '1.30.2', connectUser: 'connect' });
    const modes = await Promise.all(
      [config.stateFolder, join(config.runFolder, 'auth'), join(config.runFolder, 'sessions')].map(
        async (path) => ((await stat(path)).mode & 0o7777).toString(8),
      ),
    );
    expect(modes).toEqual(['2751', '2750', '2750']);
    const { stdout } = await run(join(prefix, 'usr/local/bin/ke_status'), ['--json', 'a b']);
    expect(stdout).toBe('old ke_status,--json,a b');
    const rule = await readFile(join(prefix, 'etc/sudoers.d/sallyport'), 'utf8');
    expect(rule.match(/^operator ALL=\(root\) NOPASSWD: /gm)).toHaveLength(4);
    expect(rule).not.toMatch(/NOPASSWD: *ALL/);
  });

  it('when systemd starts the service, runs it confined and finds its programs', async () => {
    const unit = join(prefix, 'etc/systemd/system/sallyport.service');
    const verified = await run('systemd-analyze', ['verify', '--man=no', unit]);
    expect(verified).toMatchObject({ stdout: '', stderr: '' });
    await run('systemd-analyze', ['security', '--offline=true', '--threshold=20', unit]);
    const texts = await Promise.all(
      [unit, join(prefix, 'etc/init.d/sallyport')].map((path) => readFile(path, 'utf8')),
    );
    for (const text of texts) {
      expect(text).not.toMatch(/@(?:program|config|run|tmpfiles)@/u);
      expect(text).toContain(`${prefix}/opt/sallyport/service.mjs ${prefix}/etc/sallyport/appliance.json`);
    }
    expect(texts[0]).toContain('\nRestart=always\n');
  });

  it('writes what sshd takes, and takes from tenants everything but their forwards', async () => {
    const main = join(prefix, 'sshd_config');
    const key = join(prefix, 'host_key');
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    const snippet = join(prefix, 'etc/ssh/sshd_config.d/sallyport.conf');
    await writeFile(main, `HostKey ${key}\nInclude ${snippet}\n`);
    await mkdir('/run/sshd', { recursive: true });
    const effective = async (user: string) => {
      const query = `user=${user},host=localhost,addr=127.0.0.1`;
      return (await run('/usr/sbin/sshd', ['-T', '-f', main, '-C', query])).stdout.split('\n');
    };
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
      'gatewayports no',
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
    const addresses = ['10.77.0.2/24', 'fd00:77::2/64', 'fe80::2/64'];

    it('when an address is given, keeps it over updates until it is unset', async () => {
      const before = await readConfig();
      for (const [options, address] of [
        [['--listen-address', '10.77.0.2'], '10.77.0.2'],
        [[], '10.77.0.2'],
        [['--listen-address', 'fd00:77::2'], 'fd00:77::2'],
        [['--listen-address', 'none'], undefined],
        [[], undefined],
      ] as const) {
        await installAt(addresses, ...options);
        const { listenAddress, ...others } = await readConfig();
        expect({ listenAddress, others }).toStrictEqual({ listenAddress: address, others: before });
        expect(await readSnippet()).toContain(
          `GatewayPorts ${address === undefined ? 'no' : 'clientspecified'}\n`,
        );
      }
    });

    it.each(['10.77.0.3', '10.77.0.0', '127.0.0.1', '::1', 'fe80::2', '0.0.0.0', '::', '*', '', 'localhost'])(
      'rejects %j, at which no other member reaches this computer, and changes nothing',
      async (address) => {
        const before = [await readConfig(), await readSnippet()];
        await expect(installAt(addresses, '--listen-address', address)).rejects.toMatchObject({ code: 2 });
        expect([await readConfig(), await readSnippet()]).toStrictEqual(before);
      },
    );
  });

  it("has rsyslog put sshd's lines into the syslog as well, once, and nothing else of that kind", async () => {
    const rule = join(prefix, 'etc/rsyslog.d/30-sallyport.conf');
    const written = (await stat(rule)).mtimeMs;
    await install();
    expect((await stat(rule)).mtimeMs).toBe(written);
    const log = join(prefix, 'var/log');
    const socket = join(prefix, 'log.socket');
    const configuration = join(prefix, 'rsyslog.conf');
    await mkdir(log, { recursive: true });
    // Debian's own rules, around ours.
    await writeFile(
      configuration,
      `module(load="imuxsock" SysSock.Use="off")
global(workDirectory="${log}")
input(type="imuxsock" Socket="${socket}" RateLimit.Interval="0")
$FileOwner root
$FileGroup adm
$FileCreateMode 0640
$IncludeConfig ${prefix}/etc/rsyslog.d/*.conf
*.*;auth,authpriv.none -${log}/syslog
auth,authpriv.* ${log}/auth.log
`,
    );
    await run('rsyslogd', ['-N1', '-f', configuration]);
    const pidFile = join(prefix, 'rsyslogd.pid');
    const rsyslogd = spawn('rsyslogd', ['-n', '-f', configuration, '-i', pidFile], { stdio: 'ignore' });
    try {
      const say = (facility: string, tag: string, message: string) =>
        run('logger', ['--socket', socket, '--priority', `${facility}.info`, '--tag', tag, '--', message]);
      await waitFor('rsyslogd takes lines', () =>
        say('user', 'test', 'up').then(
          () => true,
          () => false,
        ),
      );
      await say('auth', 'sshd', 'Failed publickey for connect');
      await say('authpriv', 'sshd', 'session opened');
      await say('authpriv', 'sudo', 'COMMAND=ke_status');
      await say('user', 'test', 'the last');
      const read = () => readFile(join(log, 'syslog'), 'utf8').catch(() => '');
      await waitFor('the last line', async () => (await read()).includes('the last'));
      const lines = (await read()).split('\n').filter((line) => !line.includes('rsyslogd'));
      const counted = ['Failed publickey', 'session opened', 'COMMAND=', 'the last'].map(
        (text) => lines.filter((line) => line.includes(text)).length,
      );
      expect(counted).toEqual([1, 1, 0, 1]);
      expect((await stat(join(log, 'syslog'))).mode & 0o777).toBe(0o640);
    } finally {
      const ended = once(rsyslogd, 'exit');
      rsyslogd.kill('SIGKILL');
      await ended;
    }
  });

  it('updates the program and keeps identity, settings and state when run again', async () => {
    const before = await readConfig();
    await writeFile(join(before.stateFolder, 'tenants.json'), '{"format":1,"tenants":[]}');
    await writeFile(join(bundle, 'ke.mjs'), 'process.stdout.write("new");');
    const { stdout: said } = await install('--appliance-version', '9.9.9');
    expect(said).toContain(`appliance version ${before.applianceVersion} is now 9.9.9\n`);
    expect(await readConfig()).toEqual({ ...before, applianceVersion: '9.9.9' });
    expect(await readFile(join(before.stateFolder, 'tenants.json'), 'utf8')).toContain('"format":1');
    const { stdout } = await run(join(prefix, 'usr/local/sbin/ke_manage_remote_networks'));
    expect(stdout).toBe('new');
    expect(await stat(join(prefix, 'opt/sallyport/node'))).toMatchObject({ uid: 0, gid: 0 });
    const left = await readdir(join(prefix, 'opt/sallyport'));
    expect(left.toSorted()).toEqual(['ke.mjs', 'ke_syslog.sh', 'node', 'sallyport-client', 'service.mjs']);
  });

  it.each([
    [['--unknown']],
    [['--node']],
    [['--node', 'node']],
    [['--node', '/bin/true; reboot']],
    [['--admin', 'root ALL=(ALL) NOPASSWD: ALL #']],
    [['--appliance-version', '$(id)']],
    [['--appliance-version', '1.30']],
    [['--appliance-version', '1..2']],
    [['--prefix', '/opt/a b']],
    [['--prefix', 'relative']],
    [['--bundle', '/nowhere']],
  ])('refuses %j before it changes anything', async (options) => {
    const before = (await stat(join(prefix, 'opt/sallyport/ke.mjs'))).mtimeMs;
    await expect(install(...options)).rejects.toMatchObject({ code: 2 });
    expect((await stat(join(prefix, 'opt/sallyport/ke.mjs'))).mtimeMs).toBe(before);
  });

  it.each([
    ['takes no snippets', '', 'does not take our settings'],
    [
      'has another block for the user before ours',
      'Match User connect\nAuthorizedKeysCommandUser nobody\nAuthorizedKeysCommand /bin/true\nMatch all',
      'does not take our settings',
    ],
    ['is refused by sshd', 'Include SNIPPET\nNonsense yes', 'sshd refuses its configuration'],
  ])('leaves sshd alone when its configuration %s', async (_case, line, reason) => {
    const main = join(prefix, 'etc/ssh/sshd_config');
    const snippet = join(prefix, 'etc/ssh/sshd_config.d/sallyport.conf');
    const include = line.startsWith('Match') ? `\nInclude ${snippet}` : '';
    const settings = `${line.replace('SNIPPET', snippet)}${include}`;
    await writeFile(main, `HostKey ${join(prefix, 'host_key')}\n${settings}\n`);
    await writeFile(snippet, '# as it was\n');
    await expect(install()).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(reason) });
    expect(await readFile(snippet, 'utf8')).toBe('# as it was\n');
    await rm(snippet);
    await expect(install()).rejects.toMatchObject({ code: 1 });
    await expect(stat(snippet)).rejects.toMatchObject({ code: 'ENOENT' });
    await writeFile(main, `HostKey ${join(prefix, 'host_key')}\nInclude ${snippet}\n`);
    await install();
    expect(await readFile(snippet, 'utf8')).toContain('Match User connect');
    await rm(main);
  });

  it('keeps the program that works where the new one does not run', async () => {
    const broken = join(prefix, 'broken-node');
    const text = `#!/bin/sh\ncase $0 in */.sallyport.*) exit 1 ;; esac\nexec ${process.execPath} "$@"\n`;
    await writeFile(broken, text, { mode: 0o755 });
    await expect(install('--node', broken)).rejects.toThrow('does not run as a copy');
    const folder = join(prefix, 'opt/sallyport');
    expect(await readdir(join(prefix, 'opt'))).toEqual(['sallyport']);
    expect((await run(join(folder, 'node'), ['--version'])).stdout).toBe(`${process.version}\n`);
  });

  it('takes itself away again, but neither identity nor state', async () => {
    const before = await readConfig();
    await run('sh', [script, '--uninstall', '--prefix', prefix]);
    for (const path of [
      'opt/sallyport',
      'usr/local/bin/ke_status',
      'etc/ssh/sshd_config.d/sallyport.conf',
      'etc/rsyslog.d/30-sallyport.conf',
    ])
      await expect(stat(join(prefix, path))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readConfig()).toEqual(before);
    expect(await readdir(before.stateFolder)).toContain('tenants.json');
  });
});
