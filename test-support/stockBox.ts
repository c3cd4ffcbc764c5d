import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { applianceConfigSchema, type ApplianceConfig } from '../src-appliance/core/config.ts';
import { addAdministrator, makeKey, startBareBox, type BareBox } from './bareBox.ts';
import { boxIptables, type BoxSystem, type CommandResult } from './boxSystem.ts';
import { applySettings, installKit } from './installKit.ts';
import { copyPrograms, kitBundle } from './kitBundle.ts';
import { installAuthority, type LicenceChanges } from './licenceSupply.ts';
import { descendantsOf } from './processTree.ts';
import { waitFor } from './waitFor.ts';

const admin = 'ubuntu';
const shared = ['/tmp', '/var/tmp', '/dev/shm', '/run', '/var/log', '/home', '/root', '/etc', '/var/lib'];

/**
 * A stock Debian box with the kit installed like the README. Its administrator is not root and only has the sudo rule
 * of the installer. It has its own processes, files, network and host name.
 */
export type StockBox = {
  system: BoxSystem;
  /** Source addresses of this machine's clients on the box: the first by default, the second on request. */
  near: readonly [string, string];
  /** The box's address on its cable. Tenants' ports are on the box's own loopback, so use `ask`. */
  host: string;
  port: number;
  hostKey: () => { type: string; fingerprint: string };
  adminUser: string;
  sudo: 'none' | 'nopasswd';
  adminKeyFile: string;
  /** Start folder of the administrator's file transfers, as a path of this machine. */
  adminHome: string;
  /** The installed configuration, with paths of this machine. */
  config: ApplianceConfig;
  configFile: string;
  sshdConfigFile: string;
  syslogFile: string;
  /** A folder for the test's files, with the same path in the box; its `bundle` is the kit. Deleted by `stop`. */
  folder: string;
  /** Runs a ke_ command as the administrator, through `sudo -n`. */
  ke: (argv: readonly string[], options?: { stdin?: string }) => Promise<CommandResult>;
  startKe: (argv: readonly string[]) => ChildProcess;
  /** Writes a line into the box's syslog with logger(1). */
  logger: (line: string) => Promise<void>;
  installLicence: (changes: LicenceChanges) => Promise<void>;
  /** Sends a line to a port of the box's loopback and returns the answer; null if nothing listens or answers. */
  ask: (port: number, line: string) => Promise<string | null>;
  /** Opens a connection to a port of the box's loopback. */
  connect: (port: number) => Duplex;
  /** Folders where programs on the box leave files outside their own folders, as paths of this machine. */
  sharedPlaces: readonly string[];
  /** Changes a packet rule of the box, e.g. `['-A', 'INPUT', …]`. */
  iptables: (...argv: readonly string[]) => Promise<void>;
  /** rsyslog reads its settings only when it starts. */
  restartSyslog: () => Promise<void>;
  /** Ends sshd with all its sessions. */
  stopSshd: () => Promise<void>;
  startSshd: () => Promise<void>;
  restartSshd: () => Promise<void>;
  /** Gives sshd a new host key; resolves with it. */
  rotateHostKey: () => Promise<{ type: string; fingerprint: string }>;
  /** Ends the appliance's service with SIGKILL or the given signal. */
  stopService: (signal?: NodeJS.Signals) => Promise<void>;
  startService: () => Promise<void>;
  /** PIDs on this machine of all processes of its sshd. */
  sshdProcesses: () => Promise<number[]>;
  stop: () => Promise<void>;
};

export type StockBoxOptions = {
  hostname?: string;
  /** The administrator is a member of `adm`, which may read the logs. */
  isLogReader?: boolean;
  applianceVersion?: string;
  /** The installer unpacks Node, as on a first installation. Otherwise Node is already unpacked, as on an update. */
  isNodePacked?: boolean;
  clientAlive?: { intervalSeconds: number; countMax: number };
  /** An authority's key and a licence of that authority; null for only the key. By default neither. */
  licence?: LicenceChanges;
  config?: Partial<Pick<ApplianceConfig, 'hostname' | 'portRange' | 'defaultQuota'>>;
};

/** Connects its stdin and stdout with a loopback port, because Node can't enter another network namespace. */
const joinProgram = `
use IO::Select;
use IO::Socket::INET;
my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $ARGV[0]) or exit 1;
my $ends = IO::Select->new($socket, \\*STDIN);
while (1) {
  for my $end ($ends->can_read) {
    my $size = sysread $end, my $bytes, 65536;
    if ($end == $socket) { exit 0 unless $size; syswrite STDOUT, $bytes; }
    elsif ($size) { $socket->syswrite($bytes); }
    else { exit 0; }
  }
}
`;

function joinPort(system: BoxSystem, port: number) {
  const joint = system.start(['perl', '-e', joinProgram, `${port}`]);
  const { stdin, stdout } = joint;
  if (stdin === null || stdout === null) throw new Error('a box has no pipes');
  // The port may have just closed.
  stdin.on('error', () => undefined);
  return { joint, stdin, stdout };
}

/** The stream closes when the port's side closes, or at once if nothing listens there. */
function connectInside(system: BoxSystem, port: number): Duplex {
  const { stdin, stdout } = joinPort(system, port);
  return Duplex.from({ writable: stdin, readable: stdout }).on('error', () => undefined);
}

async function askInside(system: BoxSystem, port: number, line: string): Promise<string | null> {
  const { joint, stdin, stdout } = joinPort(system, port);
  stdin.write(line);
  const closed = once(joint, 'close');
  const answer = await Promise.race([once(stdout, 'data'), closed.then(() => null)]);
  stdin.end();
  await closed;
  return answer === null ? null : String(answer[0]);
}

/** If any part does not start, undoes everything and rejects. */
export async function startStockBox(options: StockBoxOptions = {}): Promise<StockBox> {
  const box = await startBareBox(options);
  try {
    return await install(box, options);
  } catch (error) {
    await box.stop();
    throw error;
  }
}

/** Starts the appliance's service like the box's init script. */
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

/** The configuration, with paths as this machine sees them. */
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

async function sshdProcesses(system: BoxSystem): Promise<number[]> {
  const pids = await descendantsOf(system.pid);
  const names = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => names[index] === 'sshd\n');
}

async function install(box: BareBox, options: StockBoxOptions): Promise<StockBox> {
  const { system, sshd, rsyslog, folder, host, port } = box;
  await copyPrograms(await kitBundle(), join(folder, 'bundle'));
  const adminKeyFile = join(folder, 'id_ed25519');
  await makeKey(adminKeyFile);
  const { isLogReader = false } = options;
  await addAdministrator(system, { user: admin, keyFile: adminKeyFile, isLogReader });
  await installKit(system, {
    administrator: admin,
    version: options.applianceVersion ?? '1.34.2',
    isNodePacked: options.isNodePacked ?? false,
  });
  const service = createService(system);
  const hasSettings = options.clientAlive !== undefined || options.config !== undefined;
  if (hasSettings) {
    await applySettings(system, options);
    await service.stopService();
  }
  // The installer reloaded sshd. The reload is complete once it answers.
  await Promise.all([rsyslog.restart(), hasSettings ? sshd.restartSshd() : sshd.untilUp()]);
  if (hasSettings) await service.startService();

  const config = await readConfig(system);
  const installLicence = options.licence === undefined ? null : await installAuthority(config);
  await installLicence?.(options.licence ?? null);
  return {
    ...sshd,
    ...service,
    system,
    near: system.cable.near,
    host,
    port,
    adminUser: admin,
    sudo: 'nopasswd',
    adminKeyFile,
    adminHome: system.path(`/home/${admin}`),
    config,
    configFile: system.path('/etc/sallyport/appliance.json'),
    sshdConfigFile: system.path('/etc/ssh/sshd_config'),
    syslogFile: config.syslog,
    folder,
    ke: (argv, { stdin = '' } = {}) => system.run(['sudo', '-n', ...argv], { user: admin, stdin }),
    startKe: (argv) => system.start(['sudo', '-n', ...argv], { user: admin }),
    logger: rsyslog.logger,
    restartSyslog: rsyslog.restart,
    installLicence: async (changes) => {
      if (installLicence === null)
        throw new Error('this box has no licence authority; start it with `licence`');
      await installLicence(changes);
    },
    ask: (port, line) => askInside(system, port, line),
    connect: (port) => connectInside(system, port),
    sharedPlaces: shared.map(system.path),
    iptables: (...argv) => boxIptables(system.pid, argv),
    sshdProcesses: () => sshdProcesses(system),
    stop: box.stop,
  };
}
