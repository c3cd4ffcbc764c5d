import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { applianceConfigSchema, type ApplianceConfig } from '../src-appliance/core/config.ts';
import { readServiceState } from '../src-appliance/core/serviceRecord.ts';
import { finish, type CommandResult } from './boxSystem.ts';
import { canConnect } from './canConnect.ts';
import { copyPrograms, kitBundle } from './kitBundle.ts';
import { installAuthority, type LicenceChanges } from './licenceSupply.ts';
import { descendantsOf } from './processTree.ts';
import { waitFor } from './waitFor.ts';

/**
 * A whole appliance on this machine: the kit installed by its own script behind Debian's real sshd, with a syslog of
 * its own. Needs root, openssh-server and rsyslog. Everything lies under one folder that `stop` removes; only the
 * system users `connect` and `sallyport` stay.
 */
export type DebianAppliance = {
  host: string;
  port: number;
  hostKey: () => { type: string; fingerprint: string };
  /** Logs in with `adminKeyFile`, needs no sudo; finds the `ke_*` commands on its PATH. */
  adminUser: string;
  sudo: 'none' | 'nopasswd';
  adminKeyFile: string;
  /** Where a file transfer of the admin's begins: a folder of this appliance alone, as its tests look for what is left there. */
  adminHome: string;
  config: ApplianceConfig;
  configFile: string;
  sshdConfigFile: string;
  syslogFile: string;
  /** A folder for the test's own files, root-owned, gone after `stop`. */
  folder: string;
  ke: (argv: readonly string[], options?: { stdin?: string }) => Promise<CommandResult>;
  /** Starts a command and gives its process, for tests that kill it. */
  startKe: (argv: readonly string[]) => ChildProcess;
  /** Writes a line into the appliance's syslog with logger(1). */
  logger: (line: string) => Promise<void>;
  installLicence: (changes: LicenceChanges) => Promise<void>;
  /** Ends sshd with all its sessions. */
  stopSshd: () => Promise<void>;
  startSshd: () => Promise<void>;
  restartSshd: () => Promise<void>;
  /** Gives sshd a new host key, on the same port; resolves with it. */
  rotateHostKey: () => Promise<{ type: string; fingerprint: string }>;
  /** Ends the appliance's service, at once by SIGKILL unless another signal is given. */
  stopService: (signal?: NodeJS.Signals) => Promise<void>;
  startService: () => Promise<void>;
  /** All processes of its sshd, as this machine counts them. */
  sshdProcesses: () => Promise<number[]>;
  stop: () => Promise<void>;
};

const run = promisify(execFile);
const repository = join(import.meta.dirname, '..');

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function endTree(process: ChildProcess): Promise<void> {
  if (process.pid === undefined || process.exitCode !== null || process.signalCode !== null) return;
  const pids = [process.pid, ...(await descendantsOf(process.pid))];
  const ended = once(process, 'exit');
  for (const pid of pids) {
    try {
      globalThis.process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
  await ended;
}

type ApplianceOptions = {
  /** Runs sshd in a network namespace that is there already, at one of its addresses. */
  namespace?: { name: string; address: string };
  clientAlive?: { intervalSeconds: number; countMax: number };
  /** Changes to a licence that is valid for a year; null installs none. */
  licence?: LicenceChanges;
  config?: Partial<Pick<ApplianceConfig, 'applianceVersion' | 'hostname' | 'portRange' | 'defaultQuota'>>;
};

/** Rejects, with everything undone, when any part of it does not start. */
export async function startDebianAppliance(options: ApplianceOptions = {}): Promise<DebianAppliance> {
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

/** The appliance's service as systemd starts it. */
function createService(parts: {
  folder: string;
  config: ApplianceConfig;
  entering: readonly string[];
}): Pick<DebianAppliance, 'startService' | 'stopService'> {
  const { folder, config, entering } = parts;
  let service: ChildProcess | null = null;
  return {
    startService: async () => {
      const unit = await readFile(join(folder, 'etc/systemd/system/sallyport.service'), 'utf8');
      const command = /^ExecStart=(.+)$/mu.exec(unit)?.[1]?.split(' ') ?? [];
      const user = ['setpriv', '--reuid', 'sallyport', '--regid', 'sallyport', '--clear-groups'];
      const [name = '', ...argv] = [...entering, ...user, ...command];
      const started = spawn(name, argv, { stdio: ['ignore', 'ignore', 'inherit'] });
      await waitFor('the service answers', async () => {
        if (started.exitCode !== null) throw new Error('the service ended');
        return (await readServiceState(config.runFolder, Date.now())).detail === `pid ${started.pid}`;
      });
      service = started;
    },
    stopService: async (signal = 'SIGKILL') => {
      if (service === null || service.exitCode !== null || service.signalCode !== null) return;
      const ended = once(service, 'exit');
      service.kill(signal);
      await ended;
      service = null;
    },
  };
}

async function launch(
  options: ApplianceOptions,
  undo: (() => Promise<void>)[],
): Promise<Omit<DebianAppliance, 'stop'>> {
  if (process.getuid?.() !== 0) throw new Error("Debian's sshd needs root to switch users");
  const folder = `/opt/sallyport-test-${randomUUID().slice(0, 8)}`;
  undo.push(() => rm(folder, { recursive: true, force: true }));
  const sshdConfigFile = join(folder, 'etc/ssh/sshd_config');
  const configFile = join(folder, 'etc/sallyport/appliance.json');
  const logFolder = join(folder, 'var/log');
  const syslogFile = join(logFolder, 'syslog');
  const sshdLogFile = join(logFolder, 'sshd.log');
  const logSocket = join(folder, 'log.socket');
  const hostKeyFile = join(folder, 'etc/ssh/host_key');
  const adminHome = join(folder, 'admin');
  const adminKeyFile = join(adminHome, 'id_ed25519');
  const commands = join(folder, 'usr/local/sbin');
  const port = await freePort();
  const host = options.namespace?.address ?? '127.0.0.1';

  for (const path of [folder, logFolder, adminHome, join(folder, 'etc/ssh'), '/run/sshd'])
    await mkdir(path, { recursive: true, mode: 0o755 });

  const bundle = await kitBundle();
  await copyPrograms(bundle, join(folder, 'bundle'));
  const installer = join(repository, 'src-appliance/sshd/install.sh');
  await run('sh', [installer, '--prefix', folder, '--bundle', bundle, '--node', process.execPath]);

  const installed: unknown = JSON.parse(await readFile(configFile, 'utf8'));
  const config = applianceConfigSchema.parse({
    ...applianceConfigSchema.parse(installed),
    syslog: syslogFile,
    syslogSocket: logSocket,
    ...(options.clientAlive === undefined ? {} : { clientAliveSeconds: options.clientAlive.intervalSeconds }),
    ...options.config,
  });
  await writeFile(configFile, JSON.stringify(config));

  const installLicence = await installAuthority(config);
  await installLicence(options.licence === undefined ? {} : options.licence);

  const makeKey = async (path: string) => {
    await rm(path, { force: true });
    await rm(`${path}.pub`, { force: true });
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path]);
  };
  const readHostKey = async () => {
    const { stdout } = await run('ssh-keygen', ['-l', '-f', `${hostKeyFile}.pub`]);
    const fingerprint = stdout.split(' ')[1];
    if (fingerprint === undefined) throw new Error('ssh-keygen gave no fingerprint');
    return { type: 'ssh-ed25519', fingerprint };
  };
  await makeKey(hostKeyFile);
  await makeKey(adminKeyFile);
  let hostKey = await readHostKey();

  const snippet = join(folder, 'etc/ssh/sshd_config.d/sallyport.conf');
  const { intervalSeconds, countMax } = options.clientAlive ?? { intervalSeconds: 5, countMax: 3 };
  const settings = (await readFile(snippet, 'utf8'))
    .replace(/ClientAliveInterval \d+/, `ClientAliveInterval ${intervalSeconds}`)
    .replace(/ClientAliveCountMax \d+/, `ClientAliveCountMax ${countMax}`)
    .replace(' /dev/log ', ` ${logSocket} `);
  await writeFile(snippet, settings);
  // HOME: commands must not run what the person who tests has in their shell's start-up files.
  await writeFile(
    sshdConfigFile,
    `Port ${port}
ListenAddress ${host}
HostKey ${hostKeyFile}
PidFile none
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthorizedKeysFile ${adminKeyFile}.pub
MaxStartups 200
LogLevel VERBOSE
Subsystem sftp internal-sftp -d ${adminHome}
SetEnv PATH=${commands}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=${adminHome}
Include ${snippet}
`,
  );

  const rsyslogConfig = join(folder, 'etc/rsyslog.conf');
  await writeFile(sshdLogFile, '');
  await writeFile(
    rsyslogConfig,
    `module(load="imuxsock" SysSock.Use="off")
module(load="imfile")
global(workDirectory="${logFolder}" parser.escapeControlCharactersOnReceive="off")
input(type="imuxsock" Socket="${logSocket}" RateLimit.Interval="0")
input(type="imfile" File="${sshdLogFile}" Tag="sshd:" Severity="info" Facility="auth")
action(type="omfile" file="${syslogFile}" template="RSYSLOG_TraditionalFileFormat")
`,
  );
  const rsyslogd = spawn('rsyslogd', ['-n', '-f', rsyslogConfig, '-i', join(folder, 'rsyslogd.pid')], {
    stdio: 'ignore',
  });
  undo.push(() => endTree(rsyslogd));
  const logger = async (line: string) => {
    await run('logger', ['--socket', logSocket, '--tag', 'test', '--', line]);
  };
  const readLog = () => readFile(syslogFile, 'utf8').catch(() => '');
  await waitFor('rsyslogd takes lines', async () => {
    await logger('syslog is up').catch(() => undefined);
    return (await readLog()).includes('syslog is up');
  });

  const entering = options.namespace === undefined ? [] : ['ip', 'netns', 'exec', options.namespace.name];
  const service = createService({ folder, config, entering });
  undo.push(() => service.stopService());
  await service.startService();

  let sshd: ChildProcess | null = null;
  const startSshd = async () => {
    const [program, ...argv] = [...entering, '/usr/sbin/sshd', '-D', '-f', sshdConfigFile];
    const started = spawn(program, [...argv, '-E', sshdLogFile], { stdio: 'ignore' });
    sshd = started;
    await waitFor('sshd answers', async () => {
      if (started.exitCode !== null) throw new Error(`sshd ended: ${await readFile(sshdLogFile, 'utf8')}`);
      return canConnect(host, port);
    });
  };
  const stopSshd = async () => {
    if (sshd !== null) await endTree(sshd);
    sshd = null;
  };
  undo.push(stopSshd);
  await startSshd();

  const startKe = (argv: readonly string[]) => {
    const [name = '', ...words] = argv;
    // What a test runner says of colours makes Node warn on stderr, where only the appliance may speak.
    const { FORCE_COLOR: _force, NO_COLOR: _no, ...env } = process.env;
    return spawn(join(commands, name), words, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  };
  const ke = (argv: readonly string[], call: { stdin?: string } = {}) => finish(startKe(argv), call.stdin);

  return {
    host,
    port,
    hostKey: () => hostKey,
    adminUser: 'root',
    sudo: 'none',
    adminKeyFile,
    adminHome,
    config,
    configFile,
    sshdConfigFile,
    syslogFile,
    folder,
    ke,
    startKe,
    logger,
    installLicence,
    ...service,
    stopSshd,
    startSshd,
    sshdProcesses: async () => (sshd?.pid === undefined ? [] : descendantsOf(sshd.pid)),
    restartSshd: async () => {
      await stopSshd();
      await startSshd();
    },
    rotateHostKey: async () => {
      await stopSshd();
      await makeKey(hostKeyFile);
      hostKey = await readHostKey();
      await startSshd();
      return hostKey;
    },
  };
}
