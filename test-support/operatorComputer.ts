import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { collectOutput } from './boxSystem.ts';

const repository = join(import.meta.dirname, '..');
const overlays = ['/etc', repository];
const script = `cd ${repository} && exec sh -e -c "$1"`;

/**
 * The computer of a new user who has only this repository. It has its own home folder and host names, and
 * copies of /etc and of the repository, so that the originals stay unchanged.
 */
export type OperatorComputer = {
  /**
   * Runs shell commands in the repository. Stops at the first command that fails. Resolves with stdout.
   */
  run: (commands: string) => Promise<string>;
  /** Starts a command that keeps running. */
  start: (command: string) => ChildProcess;
  /** Adds a line to ~/.ssh/known_hosts, as after comparing the key. */
  knowHost: (line: string) => Promise<void>;
  stop: () => Promise<void>;
};

/** Creates the computer. Its files are in `folder`; `hosts` maps names to addresses. Needs root. */
export async function createOperatorComputer(call: {
  folder: string;
  hosts: Readonly<Record<string, string>>;
}): Promise<OperatorComputer> {
  const { folder } = call;
  const home = join(folder, 'home');
  const programs = join(folder, 'bin');
  const mounts = [`mount --bind ${home} /root`];
  await mkdir(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  for (const [index, lower] of overlays.entries()) {
    const [upper, work] = [join(folder, `upper-${index}`), join(folder, `work-${index}`)];
    for (const path of [upper, work]) await mkdir(path);
    mounts.push(`mount -t overlay -o lowerdir=${lower},upperdir=${upper},workdir=${work} overlay ${lower}`);
  }
  const lines = Object.entries(call.hosts).map(([name, address]) => `${address}\t${name}\n`);
  await writeFile(join(folder, 'upper-0/hosts'), `${await readFile('/etc/hosts', 'utf8')}${lines.join('')}`);
  await mkdir(programs);
  await linkSallyport(join(programs, 'sallyport'));
  const holder = spawn(
    'unshare',
    ['--mount', 'sh', '-c', `${mounts.join(' && ')} && echo ready && exec cat`],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const ended = once(holder, 'exit');
  await Promise.race([
    once(holder.stdout, 'data'),
    ended.then(() => {
      throw new Error('the computer has no mounts of its own');
    }),
  ]);
  const start = (command: string) =>
    spawn('nsenter', ['--mount', '--target', `${holder.pid}`, 'sh', '-c', script, 'sh', command], {
      env: {
        HOME: '/root',
        USER: 'root',
        PATH: `${programs}:${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  return {
    start,
    run: async (commands) => {
      const { exitCode, stdout, stderr } = await collectOutput(start(commands));
      if (exitCode !== 0) throw new Error(`exit ${exitCode} of:\n${commands}\n${stderr}${stdout}`);
      return stdout;
    },
    stop: async () => {
      holder.stdin.end();
      await ended;
    },
    knowHost: (line) => writeFile(join(home, '.ssh/known_hosts'), line, { flag: 'a' }),
  };
}

/** Installs the command `sallyport` like `npm install -g .`. */
async function linkSallyport(path: string): Promise<void> {
  const program = join(repository, 'bin/sallyport.mjs');
  if (existsSync(program)) return symlink(program, path);
  const entry = join(repository, 'src-main/hosts/cli/cli.ts');
  await writeFile(path, `#!/bin/sh\nexec node --disable-warning=ExperimentalWarning ${entry} "$@"\n`);
  await chmod(path, 0o755);
}
