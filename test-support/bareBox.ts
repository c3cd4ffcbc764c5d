import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBoxSystem, type BoxSystem } from './boxSystem.ts';
import { canConnect } from './canConnect.ts';
import { createSshKeyPair } from './sshKeyPair.ts';
import { waitFor } from './waitFor.ts';

const sshPort = 22;
const defaultHostname = 'kiln-01';

/**
 * A Debian system with sshd and rsyslog and without the kit. It runs in its own namespaces on this machine.
 */
export type BareBox = {
  system: BoxSystem;
  /** The address of the box in the network between the box and this machine. */
  host: string;
  port: number;
  /** A folder for the test's files, which has the same path in the box. `stop` deletes it. */
  folder: string;
  sshd: ReturnType<typeof createSshd>;
  rsyslog: ReturnType<typeof createRsyslog>;
  stop: () => Promise<void>;
};

/** Writes a new key and, as `.pub`, its public half. Resolves with the fingerprint. */
export async function makeKey(path: string): Promise<string> {
  const { privateKey, publicKey } = createSshKeyPair('');
  await writeFile(path, privateKey, { mode: 0o600 });
  await writeFile(`${path}.pub`, `${publicKey.type} ${publicKey.blob}\n`, { mode: 0o644 });
  return publicKey.fingerprint;
}

/** Creates the administrator as the README says, with a key for the login. */
export async function addAdministrator(
  system: BoxSystem,
  call: { user: string; keyFile: string; isLogReader?: boolean },
): Promise<void> {
  const { user } = call;
  await system.mustRun(['useradd', '--create-home', '--shell', '/bin/bash', '--password', '*', user]);
  if (call.isLogReader) await system.mustRun(['usermod', '--append', '--groups', 'adm', user]);
  const ssh = `/home/${user}/.ssh`;
  await system.mustRun(['install', '-d', '-m', '0700', '-o', user, '-g', user, ssh]);
  const write = `umask 077; cat >${ssh}/authorized_keys; chown ${user}: ${ssh}/authorized_keys`;
  await system.mustRun(['sh', '-c', write], { stdin: await readFile(`${call.keyFile}.pub`, 'utf8') });
}

function createSshd(system: BoxSystem, host: string) {
  const hostKeyFile = system.path('/etc/ssh/ssh_host_ed25519_key');
  let hostKey = { type: 'ssh-ed25519', fingerprint: '' };
  const untilUp = () => waitFor('sshd answers', () => canConnect(host, sshPort));
  const startSshd = async () => {
    await system.mustRun(['service', 'ssh', 'start']);
    await untilUp();
  };
  const stopSshd = async () => {
    // Again and again, because a process that sshd starts in this moment is not in pkill's list.
    await waitFor('sshd is gone', async () => {
      await system.run(['pkill', '-KILL', '-x', 'sshd']);
      return (await system.run(['pgrep', '-x', 'sshd'])).exitCode === 1;
    });
  };
  const makeHostKey = async () => {
    hostKey = { type: 'ssh-ed25519', fingerprint: await makeKey(hostKeyFile) };
  };
  return {
    hostKey: () => hostKey,
    makeHostKey,
    untilUp,
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

/** Runs Debian's own rsyslog. There is no systemd, so the test must restart rsyslog itself. */
function createRsyslog(system: BoxSystem) {
  const logger = async (line: string) => {
    await system.mustRun(['logger', '--tag', 'test', '--', line]);
  };
  const start = async () => {
    // Runs rsyslog in the foreground, as systemd does. Without the kernel's log, because that belongs to this
    // machine.
    const start =
      'setpriv --bounding-set=-syslog --inh-caps=-syslog rsyslogd -n </dev/null >/dev/null 2>&1 &';
    await system.mustRun(['sh', '-c', start]);
    const line = `syslog is up ${randomUUID()}`;
    await waitFor('rsyslogd takes lines', async () => {
      await logger(line).catch(() => undefined);
      return (await readFile(system.path('/var/log/syslog'), 'utf8').catch(() => '')).includes(line);
    });
  };
  const stop = async () => {
    await system.mustRun(['pkill', '-TERM', '-x', 'rsyslogd']);
    await waitFor(
      'rsyslogd is gone',
      async () => (await system.run(['pgrep', '-x', 'rsyslogd'])).exitCode === 1,
    );
  };
  return {
    logger,
    start,
    stop,
    restart: async () => {
      await stop();
      await start();
    },
  };
}

/** Starts a box whose sshd and rsyslog don't run yet. It has a host key. */
export async function openBox(options: {
  hostname?: string | undefined;
  prepared?: string;
}): Promise<BareBox> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-test-'));
  const undo = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    await chmod(folder, 0o755);
    const { hostname = defaultHostname, prepared } = options;
    const system = await startBoxSystem({ hostname, shared: folder, prepared });
    undo.push(system.stop);
    const host = system.cable.address;
    const sshd = createSshd(system, host);
    await sshd.makeHostKey();
    return { system, host, port: sshPort, folder, sshd, rsyslog: createRsyslog(system), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts a box. If a part does not start, stops all others and rejects. */
export async function startBareBox(options: { hostname?: string | undefined } = {}): Promise<BareBox> {
  const box = await openBox(options);
  try {
    await Promise.all([box.sshd.startSshd(), box.rsyslog.start()]);
    return box;
  } catch (error) {
    await box.stop();
    throw error;
  }
}
