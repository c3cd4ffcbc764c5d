import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { applianceConfigSchema, type ApplianceConfig } from '../src-appliance/core/config.ts';
import { boxIptables, type BoxSystem, type CommandResult } from './boxSystem.ts';
import { administrator, startInstalledBox, type InstalledBox } from './installedBox.ts';
import { copyPrograms, buildKitBundle } from './kitBundle.ts';
import { installAuthority, type LicenceChanges } from './licenceSupply.ts';
import { readStat } from '../src-appliance/core/procfs/procfs.ts';
import { descendantsOf } from './processTree.ts';

const shared = ['/tmp', '/var/tmp', '/dev/shm', '/run', '/var/log', '/home', '/root', '/etc', '/var/lib'];

/**
 * A stock Debian system with the kit, installed as the README says. Its administrator is not root and has
 * only the sudo rule of the installer. It has its own processes, files, network and host name.
 */
export type StockBox = {
  system: BoxSystem;
  /**
   * Two addresses of this machine. Clients connect from the first one by default, or from the second one if
   * they ask for it.
   */
  near: readonly [string, string];
  /**
   * The address of the box. Tenants' ports are not reachable there, because they are on the box's own
   * loopback; use `ask` for them.
   */
  host: string;
  port: number;
  hostKey: () => { type: string; fingerprint: string };
  adminUser: string;
  sudo: 'none' | 'nopasswd';
  adminKeyFile: string;
  /** The administrator's home folder, as a path of this machine. File transfers start there. */
  adminHome: string;
  /** The installed configuration. Its paths are paths of this machine. */
  config: ApplianceConfig;
  configFile: string;
  sshdConfigFile: string;
  syslogFile: string;
  /**
   * A folder for the test's files, which has the same path in the box. Its subfolder `bundle` contains the
   * kit. `stop` deletes it.
   */
  folder: string;
  /** Runs a ke_ command as the administrator with `sudo -n`. */
  ke: (argv: readonly string[], options?: { stdin?: string }) => Promise<CommandResult>;
  startKe: (argv: readonly string[]) => ChildProcess;
  /** Writes a line into the box's syslog with logger(1). */
  logger: (line: string) => Promise<void>;
  installLicence: (changes: LicenceChanges) => Promise<void>;
  /**
   * Sends a line to a port on the box's loopback and resolves with the answer. Null if nothing listens or
   * answers.
   */
  ask: (port: number, line: string) => Promise<string | null>;
  /** Connects to a port on the box's loopback. */
  connect: (port: number) => Duplex;
  /**
   * Folders of the box in which programs could leave files outside their own folders, as paths of this
   * machine.
   */
  sharedPlaces: readonly string[];
  /** Changes the packet filter of the box, e.g. `['-A', 'INPUT', …]`. */
  iptables: (...argv: readonly string[]) => Promise<void>;
  /** Restarts rsyslog, which reads its settings only when it starts. */
  restartSyslog: () => Promise<void>;
  /** Ends sshd and all its sessions. */
  stopSshd: () => Promise<void>;
  startSshd: () => Promise<void>;
  restartSshd: () => Promise<void>;
  /** Gives sshd a new host key and resolves with it. */
  rotateHostKey: () => Promise<{ type: string; fingerprint: string }>;
  /** Kills the appliance's service with SIGKILL or another signal. */
  stopService: (signal?: NodeJS.Signals) => Promise<void>;
  startService: () => Promise<void>;
  /** The PIDs on this machine of all sshd processes of the box. */
  sshdProcesses: () => Promise<number[]>;
  stop: () => Promise<void>;
};

export type StockBoxOptions = {
  hostname?: string;
  /** True if the administrator is a member of `adm`, which may read the logs. */
  isLogReader?: boolean;
  applianceVersion?: string;
  /**
   * True if the kit must be installed now, and its Node unpacked. By default, the box starts with the files of
   * an earlier installation.
   */
  isNodePacked?: boolean;
  clientAlive?: { intervalSeconds: number; countMax: number };
  /**
   * Creates a licence authority, and a licence of it with these fields. Null: the authority only. Undefined:
   * neither.
   */
  licence?: LicenceChanges;
  config?: Partial<Pick<ApplianceConfig, 'hostname' | 'portRange' | 'defaultQuota'>>;
};

/**
 * Copies between its stdin and stdout and a port on the box's loopback. A separate program, because Node
 * can't enter another network namespace.
 */
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
  // Ignore the error, because the port may have just been closed.
  stdin.on('error', () => undefined);
  return { joint, stdin, stdout };
}

/**
 * Connects to a port on the box's loopback. The stream closes when the other side does, or at once if nothing
 * listens.
 */
function connectInBox(system: BoxSystem, port: number): Duplex {
  const { stdin, stdout } = joinPort(system, port);
  return Duplex.from({ writable: stdin, readable: stdout }).on('error', () => undefined);
}

async function askInBox(system: BoxSystem, port: number, line: string): Promise<string | null> {
  const { joint, stdin, stdout } = joinPort(system, port);
  stdin.write(line);
  const closed = once(joint, 'close');
  const answer = await Promise.race([once(stdout, 'data'), closed.then(() => null)]);
  stdin.end();
  await closed;
  return answer === null ? null : String(answer[0]);
}

/** Starts a box with the kit. If a part does not start, stops all others and rejects. */
export async function startStockBox(options: StockBoxOptions = {}): Promise<StockBox> {
  const installed = await startInstalledBox(options);
  try {
    return await describeBox(installed, options);
  } catch (error) {
    await installed.box.stop();
    throw error;
  }
}

/** Reads the installed configuration and converts its paths to paths of this machine. */
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
    configuration: system.path(config.configuration),
  };
}

async function sshdProcesses(system: BoxSystem): Promise<number[]> {
  const pids = await descendantsOf(system.pid);
  const stats = await Promise.all(pids.map((pid) => readStat(pid)));
  return stats.flatMap((stat) => (stat?.name === 'sshd' ? [stat.pid] : []));
}

async function describeBox(installed: InstalledBox, options: StockBoxOptions): Promise<StockBox> {
  const { box, service, adminKeyFile } = installed;
  const { system, sshd, rsyslog, folder, host, port } = box;
  await copyPrograms(await buildKitBundle(), join(folder, 'bundle'));
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
    adminUser: administrator,
    sudo: 'nopasswd',
    adminKeyFile,
    adminHome: system.path(`/home/${administrator}`),
    config,
    configFile: system.path('/etc/sallyport/appliance.json'),
    sshdConfigFile: system.path('/etc/ssh/sshd_config'),
    syslogFile: config.syslog,
    folder,
    ke: (argv, { stdin = '' } = {}) => system.run(['sudo', '-n', ...argv], { user: administrator, stdin }),
    startKe: (argv) => system.start(['sudo', '-n', ...argv], { user: administrator }),
    logger: rsyslog.logger,
    restartSyslog: rsyslog.restart,
    installLicence: async (changes) => {
      if (installLicence === null)
        throw new Error('this box has no licence authority; start it with `licence`');
      await installLicence(changes);
    },
    ask: (port, line) => askInBox(system, port, line),
    connect: (port) => connectInBox(system, port),
    sharedPlaces: shared.map(system.path),
    iptables: (...argv) => boxIptables(system.pid, argv),
    sshdProcesses: () => sshdProcesses(system),
    stop: box.stop,
  };
}
