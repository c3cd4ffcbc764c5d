import { execFile, type ChildProcess } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { applianceConfigSchema, type ApplianceConfig } from '../src-appliance/core/config.ts';
import { boxIptables, startBoxSystem, type BoxSystem, type CommandResult } from './boxSystem.ts';
import { canConnect } from './canConnect.ts';
import { kitBundle } from './kitBundle.ts';
import { installAuthority, type LicenceChanges } from './licenceSupply.ts';
import { descendantsOf } from './processTree.ts';
import { waitFor } from './waitFor.ts';

const run = promisify(execFile);
const admin = 'ubuntu';
const sshPort = 22;

/**
 * A stock Debian box on which the kit was installed as README says, with an administrator who is not root and has only
 * the sudo rule that the installer wrote. Its processes, files, network and host name are its own.
 */
export type StockBox = {
  system: BoxSystem;
  /** The box's address on its cable; tenants' ports listen on the box's own loopback, so see `ask`. */
  host: string;
  port: number;
  hostKey: () => { type: string; fingerprint: string };
  adminUser: string;
  sudo: 'none' | 'nopasswd';
  adminKeyFile: string;
  /** Where a file transfer of the administrator's begins, as a path of this machine. */
  adminHome: string;
  /** As installed, but with paths of this machine. */
  config: ApplianceConfig;
  configFile: string;
  sshdConfigFile: string;
  syslogFile: string;
  /** A folder of this machine for the test's own files; `bundle` in it is the kit. Gone after `stop`. */
  folder: string;
  /** Runs a ke_ command as the administrator, through `sudo -n`. */
  ke: (argv: readonly string[], options?: { stdin?: string }) => Promise<CommandResult>;
  startKe: (argv: readonly string[]) => ChildProcess;
  /** Writes a line into the box's syslog with logger(1). */
  logger: (line: string) => Promise<void>;
  installLicence: (changes: LicenceChanges) => Promise<void>;
  /** Sends a line to a port of the box's loopback and gives the answer; null if nothing listens or answers. */
  ask: (port: number, line: string) => Promise<string | null>;
  /** Changes a packet rule of the box, e.g. `['-A', 'INPUT', …]`. */
  iptables: (...argv: readonly string[]) => Promise<void>;
  /** Ends sshd with all its sessions. */
  stopSshd: () => Promise<void>;
  startSshd: () => Promise<void>;
  restartSshd: () => Promise<void>;
  /** Gives sshd a new host key; resolves with it. */
  rotateHostKey: () => Promise<{ type: string; fingerprint: string }>;
  /** Ends the appliance's service, at once by SIGKILL unless another signal is given. */
  stopService: (signal?: NodeJS.Signals) => Promise<void>;
  startService: () => Promise<void>;
  /** All processes of the box, sshd's among them, as this machine counts them. */
  sshdProcesses: () => Promise<number[]>;
  stop: () => Promise<void>;
};

export type StockBoxOptions = {
  hostname?: string;
  /** The administrator is a member of `adm`, who may read the logs. */
  isLogReader?: boolean;
  applianceVersion?: string;
  clientAlive?: { intervalSeconds: number; countMax: number };
  /** An authority's key and a licence of that authority, null for the key alone; neither unless given. */
  licence?: LicenceChanges;
  config?: Partial<Pick<ApplianceConfig, 'hostname' | 'portRange' | 'defaultQuota'>>;
  /** Lines for sshd_config, before Debian's own. */
  sshdSettings?: readonly string[];
};

/** Prints the first thing that is answered on a port of loopback. */
const askProgram = `
use IO::Socket::INET;
my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $ARGV[0]) or exit 1;
$socket->syswrite($ARGV[1]);
my $answer;
$socket->sysread($answer, 65536) or exit 1;
print $answer;
`;

/** Rejects, with everything undone, when any part of it does not start. */
export async function startStockBox(options: StockBoxOptions = {}): Promise<StockBox> {
  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    return { ...(await launch(options, undo)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function makeKey(path: string): Promise<void> {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path]);
}

/** The administrator as README has one made, who logs in with a key. */
async function addAdministrator(system: BoxSystem, call: { keyFile: string; isLogReader: boolean }) {
  await system.mustRun(['useradd', '--create-home', '--shell', '/bin/bash', '--password', '*', admin]);
  if (call.isLogReader) await system.mustRun(['usermod', '--append', '--groups', 'adm', admin]);
  const ssh = `/home/${admin}/.ssh`;
  await system.mustRun(['install', '-d', '-m', '0700', '-o', admin, '-g', admin, ssh]);
  const write = `umask 077; cat >${ssh}/authorized_keys; chown ${admin}: ${ssh}/authorized_keys`;
  await system.mustRun(['sh', '-c', write], { stdin: await readFile(`${call.keyFile}.pub`, 'utf8') });
}

function createSshd(system: BoxSystem, host: string) {
  const hostKeyFile = system.path('/etc/ssh/ssh_host_ed25519_key');
  let hostKey = { type: 'ssh-ed25519', fingerprint: '' };
  const startSshd = async () => {
    await system.mustRun(['service', 'ssh', 'start']);
    await waitFor('sshd answers', () => canConnect(host, sshPort));
  };
  const stopSshd = async () => {
    await system.run(['pkill', '-KILL', '-x', 'sshd']);
    await waitFor('sshd is gone', async () => (await system.run(['pgrep', '-x', 'sshd'])).exitCode === 1);
  };
  const makeHostKey = async () => {
    await rm(hostKeyFile, { force: true });
    await rm(`${hostKeyFile}.pub`, { force: true });
    await makeKey(hostKeyFile);
    const { stdout } = await run('ssh-keygen', ['-l', '-f', `${hostKeyFile}.pub`]);
    hostKey = { type: 'ssh-ed25519', fingerprint: stdout.split(' ')[1] ?? '' };
  };
  return {
    hostKey: () => hostKey,
    makeHostKey,
    startSshd,
    stopSshd,
    restartSshd: async () => {
      await stopSshd();
      await startSshd();
    },
    rotateHostKey: async () => {
      await stopSshd();
      await makeHostKey();
      await startSshd();
      return hostKey;
    },
  };
}

/** The appliance's service as the box's init starts it. */
function createService(system: BoxSystem): Pick<StockBox, 'startService' | 'stopService'> {
  const isRunning = async () => (await system.run(['service', 'sallyport', 'status'])).exitCode === 0;
  return {
    startService: async () => {
      await system.mustRun(['service', 'sallyport', 'start']);
      await waitFor('the service answers', async () =>
        /^Service +sallyport +running/mu.test(await system.mustRun(['ke_status'])),
      );
    },
    stopService: async (signal = 'SIGKILL') => {
      await system.run(['pkill', `-${signal}`, '--pidfile', '/run/sallyport.pid']);
      await waitFor('the service is gone', async () => !(await isRunning()));
    },
  };
}

/** Debian's own rsyslog; without systemd its restart is left to the administrator. */
function createRsyslog(system: BoxSystem) {
  const logger = async (line: string) => {
    await system.mustRun(['logger', '--tag', 'test', '--', line]);
  };
  const start = async () => {
    await system.mustRun(['rsyslogd']);
    await waitFor(
      'rsyslogd takes lines',
      async () => (await system.run(['test', '-S', '/dev/log'])).exitCode === 0,
    );
  };
  return {
    logger,
    start,
    restart: async () => {
      await system.mustRun(['pkill', '-TERM', '-x', 'rsyslogd']);
      await waitFor(
        'rsyslogd is gone',
        async () => (await system.run(['pgrep', '-x', 'rsyslogd'])).exitCode === 1,
      );
      await start();
    },
  };
}

async function applySettings(system: BoxSystem, options: StockBoxOptions): Promise<void> {
  const configFile = system.path('/etc/sallyport/appliance.json');
  const installed = applianceConfigSchema.parse(JSON.parse(await readFile(configFile, 'utf8')));
  const { clientAlive, config = {} } = options;
  const seconds = clientAlive === undefined ? {} : { clientAliveSeconds: clientAlive.intervalSeconds };
  await writeFile(configFile, JSON.stringify({ ...installed, ...seconds, ...config }));
  if (clientAlive === undefined) return;
  const snippet = system.path('/etc/ssh/sshd_config.d/sallyport.conf');
  const text = await readFile(snippet, 'utf8');
  await writeFile(
    snippet,
    text
      .replace(/ClientAliveInterval \d+/, `ClientAliveInterval ${clientAlive.intervalSeconds}`)
      .replace(/ClientAliveCountMax \d+/, `ClientAliveCountMax ${clientAlive.countMax}`),
  );
}

/** The configuration with its paths as this machine sees them. */
async function readConfig(system: BoxSystem): Promise<ApplianceConfig> {
  const config = applianceConfigSchema.parse(
    JSON.parse(await readFile(system.path('/etc/sallyport/appliance.json'), 'utf8')),
  );
  return {
    ...config,
    stateFolder: system.path(config.stateFolder),
    runFolder: system.path(config.runFolder),
    syslog: system.path(config.syslog),
    authorityKeys: system.path(config.authorityKeys),
  };
}

async function launch(
  options: StockBoxOptions,
  undo: (() => Promise<void>)[],
): Promise<Omit<StockBox, 'stop'>> {
  const bundle = await kitBundle();
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-test-'));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  await symlink(bundle, join(folder, 'bundle'));
  const adminKeyFile = join(folder, 'id_ed25519');
  const [system] = await Promise.all([
    startBoxSystem({ hostname: options.hostname ?? 'kiln-01' }).then((started) => {
      undo.push(started.stop);
      return started;
    }),
    makeKey(adminKeyFile),
  ]);
  const host = system.cable.address;
  const sshd = createSshd(system, host);
  const rsyslog = createRsyslog(system);
  const sshdConfigFile = system.path('/etc/ssh/sshd_config');
  if (options.sshdSettings !== undefined) {
    const text = await readFile(sshdConfigFile, 'utf8');
    await writeFile(sshdConfigFile, `${options.sshdSettings.join('\n')}\n${text}`);
  }
  const kit = `/home/${admin}/kit`;
  await Promise.all([
    addAdministrator(system, { keyFile: adminKeyFile, isLogReader: options.isLogReader ?? false }).then(() =>
      cp(bundle, system.path(kit), { recursive: true }),
    ),
    sshd.makeHostKey().then(sshd.startSshd),
    rsyslog.start(),
  ]);
  const version = options.applianceVersion ?? '1.34.2';
  await system.mustRun(['sh', `${kit}/install.sh`, '--admin', admin, '--appliance-version', version]);
  await applySettings(system, options);
  const service = createService(system);
  await service.stopService();
  await Promise.all([rsyslog.restart(), sshd.restartSshd()]);
  await service.startService();

  const config = await readConfig(system);
  const installLicence = options.licence === undefined ? null : await installAuthority(config);
  await installLicence?.(options.licence ?? null);

  const startKe = (argv: readonly string[]) => system.start(['sudo', '-n', ...argv], { user: admin });
  return {
    system,
    host,
    port: sshPort,
    hostKey: sshd.hostKey,
    adminUser: admin,
    sudo: 'nopasswd',
    adminKeyFile,
    adminHome: system.path(`/home/${admin}`),
    config,
    configFile: system.path('/etc/sallyport/appliance.json'),
    sshdConfigFile,
    syslogFile: config.syslog,
    folder,
    ke: (argv, { stdin = '' } = {}) => system.run(['sudo', '-n', ...argv], { user: admin, stdin }),
    startKe,
    logger: rsyslog.logger,
    installLicence: async (changes) => {
      if (installLicence === null)
        throw new Error('this box has no licence authority; start it with `licence`');
      await installLicence(changes);
    },
    ask: async (port, line) => {
      const { exitCode, stdout } = await system.run(['perl', '-e', askProgram, `${port}`, line]);
      return exitCode === 0 ? stdout : null;
    },
    iptables: (...argv) => boxIptables(system.pid, argv),
    startSshd: sshd.startSshd,
    stopSshd: sshd.stopSshd,
    restartSshd: sshd.restartSshd,
    rotateHostKey: sshd.rotateHostKey,
    ...service,
    sshdProcesses: () => descendantsOf(system.pid),
  };
}
