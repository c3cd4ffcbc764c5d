import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './freePorts.ts';
import { waitFor } from './waitFor.ts';
import { isProcessGone } from '../src-appliance/core/procfs/procfs.ts';
import { signalUnlessEnded } from '../src-shared/node/signalUnlessEnded.ts';

/**
 * Generates a key with ssh-keygen, encrypted if `passphrase` is set. Returns its paths and its fingerprint.
 */
export function makeKey(folder: string, name: string, options: { type?: string; passphrase?: string } = {}) {
  const path = join(folder, name);
  const type = options.type ?? 'ed25519';
  const size = type === 'rsa' ? ['-b', '2048'] : [];
  execFileSync('ssh-keygen', [
    '-q',
    '-t',
    type,
    ...size,
    '-N',
    options.passphrase ?? '',
    '-C',
    name,
    '-f',
    path,
  ]);
  const fingerprint =
    execFileSync('ssh-keygen', ['-l', '-f', `${path}.pub`])
      .toString()
      .split(' ')[1] ?? '';
  return { path, publicKey: readFileSync(`${path}.pub`, 'utf8'), fingerprint };
}

export type PlainSshd = Awaited<ReturnType<typeof startPlainSshd>>;

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** The PIDs of the child processes of `pid`. Empty if it has ended. */
function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch (error) {
    if (isProcessGone(error)) return [];
    throw error;
  }
}

/**
 * Starts Debian's sshd on a free port of 127.0.0.1, with its own folder. `configuration` comes first in its
 * file, so that it overrides other lines. The keys in `authorizedKeys` may log in as any user. Needs root.
 */
export async function startPlainSshd(
  options: {
    configuration?: string[];
    /** `Match` blocks, which must come last. */
    matches?: string[];
    authorizedKeys?: string[];
    hostKeyTypes?: string[];
  } = {},
) {
  mkdirSync('/run/sshd', { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'plain-sshd-'));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const hostKeys = (options.hostKeyTypes ?? ['ed25519']).map((type) =>
    makeKey(folder, `host_${type}`, { type }),
  );
  const authorizedKeys = join(folder, 'authorized_keys');
  writeFileSync(authorizedKeys, (options.authorizedKeys ?? []).join(''));
  const log = join(folder, 'log');
  appendFileSync(log, '');
  const configuration = join(folder, 'sshd_config');
  writeFileSync(
    configuration,
    [
      ...(options.configuration ?? []),
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      ...hostKeys.map((key) => `HostKey ${key.path}`),
      `AuthorizedKeysFile ${authorizedKeys}`,
      `PidFile ${join(folder, 'pid')}`,
      'StrictModes no',
      'UsePAM no',
      // Set another home folder, so that commands do not read this user's shell start-up files.
      `SetEnv HOME=${folder}`,
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin yes',
      'MaxStartups 200',
      'LogLevel DEBUG3',
      'Subsystem sftp /usr/lib/openssh/sftp-server',
      ...(options.matches ?? []),
      '',
    ].join('\n'),
  );
  let daemon: ChildProcess | null = null;
  const hasEnded = () => daemon === null || daemon.exitCode !== null || daemon.signalCode !== null;
  const launch = async () => {
    // One that was killed holds the port until it has ended.
    await waitFor('the earlier sshd to end', hasEnded);
    daemon = spawn('/usr/sbin/sshd', ['-D', '-f', configuration, '-E', log], { stdio: 'ignore' });
    await waitFor('sshd to listen', async () => {
      if (hasEnded()) throw new Error(`sshd ended: ${readFileSync(log, 'utf8')}`);
      return canConnect(port);
    });
  };
  await launch();
  const pid = () => daemon?.pid ?? 0;
  const killAtExit = () => signalUnlessEnded(pid(), 'SIGKILL');
  process.once('exit', killAtExit);

  return {
    port,
    folder,
    hostKeys,
    authorize: (publicKey: string) => appendFileSync(authorizedKeys, publicKey),
    log: () => readFileSync(log, 'utf8'),
    clearLog: () => writeFileSync(log, ''),
    pid,
    /** PIDs of the processes of its connections, one per connection. */
    connections: () => childrenOf(pid()),
    /** Sends a signal to the daemon and all its descendants. */
    signalAll(signal: NodeJS.Signals) {
      const below = (parent: number): number[] =>
        childrenOf(parent).flatMap((child) => [child, ...below(child)]);
      for (const each of [pid(), ...below(pid())]) signalUnlessEnded(each, signal);
    },
    async stop() {
      process.off('exit', killAtExit);
      const connections = childrenOf(pid());
      for (const each of [...connections, pid()]) {
        signalUnlessEnded(each, 'SIGCONT');
        signalUnlessEnded(each, 'SIGKILL');
      }
      await waitFor('sshd to end', hasEnded);
      rmSync(folder, { recursive: true, force: true });
    },
    /** Starts the daemon again with the same keys and port after it was killed. */
    start: launch,
  };
}
