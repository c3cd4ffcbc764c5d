import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createCable, type NetworkCable } from './networkCable.ts';
import { waitFor } from './waitFor.ts';

const run = promisify(execFile);
const initScript = join(import.meta.dirname, 'stockBox.sh');

export type CommandResult = { exitCode: number | null; stdout: string; stderr: string };
export type RunOptions = { user?: string; stdin?: string };

/**
 * A Debian system in its own namespaces: its own files, processes, network and host name. Nothing is
 * installed in it.
 */
export type BoxSystem = {
  /** The PID on this machine of the box's first process. */
  pid: number;
  cable: NetworkCable;
  /** Converts a path in the box to a path on this machine. */
  path: (inside: string) => string;
  /** Starts a program in the box. `user` is root by default and gets a login environment. */
  start: (argv: readonly string[], options?: Pick<RunOptions, 'user'>) => ChildProcess;
  /** Runs a program in the box until it ends, and accepts every exit code. */
  run: (argv: readonly string[], options?: RunOptions) => Promise<CommandResult>;
  /** Like `run`, but resolves with stdout, and rejects unless the exit code is 0. */
  mustRun: (argv: readonly string[], options?: RunOptions) => Promise<string>;
  /** Ends all processes in the box and deletes it. May be called again. */
  stop: () => Promise<void>;
};

/** Writes `stdin` to a program and collects its output until it ends. */
export async function collectOutput(child: ChildProcess, stdin = ''): Promise<CommandResult> {
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  // Not an error: the program ended without reading its input.
  child.stdin?.on('error', () => undefined).end(stdin);
  await once(child, 'close');
  return { exitCode: child.exitCode, ...output };
}

async function firstChild(pid: number): Promise<number> {
  let found = 0;
  await waitFor('the box has a first process', async () => {
    found = Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim());
    return found > 0;
  });
  return found;
}

async function untilReady(init: ChildProcess): Promise<void> {
  let said = '';
  const failed = once(init, 'close').then(() => {
    throw new Error(`the box did not start: ${said}`);
  });
  init.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ready = new Promise<void>((resolve) => {
    init.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (/^ready$/mu.test(said)) resolve();
    });
  });
  failed.catch(() => undefined);
  await Promise.race([ready, failed]);
}

/**
 * Starts a box. The box also ends if this process is killed, because its first process waits on a pipe from
 * here; the kernel then ends the other processes and removes mounts and network. Needs root.
 */
export async function startBoxSystem(options: {
  hostname: string;
  /** A folder of this machine that gets the same path in the box. */
  shared?: string;
  /** A folder of `findPreparedBox`, with whose files the box starts. */
  prepared?: string | undefined;
}): Promise<BoxSystem> {
  if (process.getuid?.() !== 0) throw new Error('A box needs root: it has mounts and a network of its own');
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-box-'));
  const namespaces = ['--mount', '--uts', '--net', '--pid', '--fork', '--kill-child=KILL'];
  const { hostname, shared = '', prepared = '' } = options;
  const init = spawn('unshare', [...namespaces, 'sh', initScript, folder, hostname, shared, prepared], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = once(init, 'close');
  let cable: NetworkCable | null = null;
  let stopped: Promise<void> | null = null;
  const end = async () => {
    // The first process ends when its stdin closes. It waits until all other processes in the box have ended.
    init.stdin.end();
    await ended;
    await cable?.remove();
    await rmdir(folder);
  };
  const stop = () => (stopped ??= end());
  try {
    const ready = untilReady(init);
    ready.catch(() => undefined);
    const pid = await firstChild(init.pid ?? 0);
    cable = await createCable(pid);
    await ready;
    return { pid, cable, stop, ...createCommands(pid) };
  } catch (error) {
    await stop().catch(() => rm(folder, { recursive: true, force: true }));
    throw error;
  }
}

function createCommands(pid: number): Pick<BoxSystem, 'path' | 'start' | 'run' | 'mustRun'> {
  const enter = ['--target', `${pid}`, '--mount', '--uts', '--net', '--pid'];
  const start: BoxSystem['start'] = (argv, { user = 'root' } = {}) => {
    const identity = ['--reuid', user, '--regid', user, '--init-groups', '--reset-env'];
    return spawn('nsenter', [...enter, 'setpriv', ...identity, '--', ...argv], {
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  };
  const runInside: BoxSystem['run'] = (argv, call = {}) => collectOutput(start(argv, call), call.stdin);
  return {
    path: (inside) => join(`/proc/${pid}/root`, inside),
    start,
    run: runInside,
    mustRun: async (argv, call) => {
      const { exitCode, stdout, stderr } = await runInside(argv, call);
      if (exitCode !== 0) throw new Error(`${argv.join(' ')} ended with ${exitCode}: ${stderr}${stdout}`);
      return stdout;
    },
  };
}

/** Runs iptables in the network of a box. */
export async function boxIptables(pid: number, argv: readonly string[]): Promise<void> {
  await run('nsenter', [`--net=/proc/${pid}/ns/net`, 'iptables', '-w', ...argv]);
}
