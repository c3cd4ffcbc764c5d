import { execFile, spawn } from 'node:child_process';
import { openSync, closeSync, writeSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { followScript } from '../src-shared/model/syslog/followScript.ts';
import { createLogFollower } from '../src-main/syslog/follow/follower.ts';
import type { FollowState } from '../src-main/syslog/follow/followState.ts';
import { createRemoteLog } from '../src-main/syslog/follow/remoteLog.ts';
import type { RemoteProcess } from '../src-main/ssh/types.ts';
import { createMemoryLogSink } from './memoryLogSink.ts';
import { waitFor } from './waitFor.ts';

const run = promisify(execFile);

/** Starts a script as a session does, without the network. */
export function startScript(shell: readonly string[], words: readonly string[]): RemoteProcess {
  const [program = '', ...options] = shell;
  const child = spawn(program, [...options, '-c', followScript, 'sh', ...words], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const exited = Promise.withResolvers<{ exitCode: number | null; signal: string | null }>();
  child.once('close', (exitCode, signal) => exited.resolve({ exitCode, signal }));
  child.stdin.on('error', () => undefined);
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exited: exited.promise,
    kill() {
      child.kill('SIGKILL');
      child.stdout.resume();
      child.stderr.resume();
    },
  };
}

const unpackers: Record<string, string> = { gz: 'gzip', xz: 'xz', zst: 'zstd', bz2: 'bzip2' };

/** A log in a folder of this machine, a program that writes numbered lines, and Debian's logrotate. */
export async function createFollowedFolder(options: {
  logrotate: readonly string[];
  shell?: readonly string[];
  maxBytesBefore?: number;
}) {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-follow-'));
  const log = join(folder, 'syslog');
  const configuration = join(folder, 'logrotate.conf');
  const rules = ['missingok', 'ifempty', 'rotate 20', ...options.logrotate];
  await writeFile(configuration, `${log} {\n${rules.map((rule) => `  ${rule}\n`).join('')}}\n`, {
    mode: 0o600,
  });
  let next = 0;
  let file = openSync(log, 'a');
  const running = new Set<RemoteProcess>();
  const kept = createMemoryLogSink();
  const states: FollowState[] = [];
  let received = 0;
  let ids = 0;
  let gate: Promise<void> = Promise.resolve();
  let isPaused = false;
  let isHeld = false;

  const remote = createRemoteLog({
    start: (words) => {
      const process = startScript(options.shell ?? ['/bin/dash'], ['lax', log, ...words]);
      running.add(process);
      void process.exited.then(() => running.delete(process));
      return Promise.resolve(process);
    },
    mayRead: () => {
      isHeld = isPaused;
      return gate;
    },
    clock: Date.now,
    onBytes: (count) => {
      received += count;
    },
  });
  const start = () =>
    createLogFollower({
      applianceId: 'kiln',
      log: remote,
      sink: kept.sink,
      onState: (state) => states.push(state),
      clock: Date.now,
      newId: () => `source-${(ids += 1)}`,
      ...(options.maxBytesBefore === undefined ? {} : { maxBytesBefore: options.maxBytesBefore }),
      wait: (ms, signal) => delay(Math.min(ms, 100), undefined, { signal }),
    });
  let follower = start();

  async function textOnBox(): Promise<string[]> {
    const texts = readdirSync(folder)
      .filter((name) => name.startsWith('syslog'))
      .map(async (name) => {
        const unpacker = unpackers[/\.(\w+)$/u.exec(name)?.[1] ?? ''];
        if (unpacker === undefined) return readFileSync(join(folder, name), 'latin1');
        return (await run(unpacker, ['-dc', join(folder, name)], { maxBuffer: 2 ** 28 })).stdout;
      });
    return (await Promise.all(texts)).flatMap((text) => text.split('\n')).filter((line) => line !== '');
  }

  return {
    log,
    folder,
    kept,
    states,
    received: () => received,
    write: (count: number, length = 100) => {
      for (let index = 0; index < count; index += 1) {
        writeSync(file, `L${`${next}`.padStart(7, '0')} ${'word '.repeat(length / 5)}\n`);
        next += 1;
      }
    },
    written: () => next,
    /** Rotates, and lets the writer open the new file afterwards. */
    rotate: async (betweenLines: () => void = () => undefined) => {
      await run('logrotate', ['--force', '--state', join(folder, 'state'), configuration]);
      betweenLines();
      closeSync(file);
      file = openSync(log, 'a');
    },
    textOnBox,
    /** Ends all scripts as a broken link does. */
    cut: () => {
      for (const process of running) process.kill();
      follower.wake();
    },
    wake: () => follower.wake(),
    /** Lets no further read begin until the returned function is called. One that waits for lines goes on. */
    pause: () => {
      const paused = Promise.withResolvers<void>();
      gate = paused.promise;
      isPaused = true;
      isHeld = false;
      return () => {
        isPaused = false;
        paused.resolve();
      };
    },
    /** Whether a read waits for the end of the pause, so that none runs. */
    isHeld: () => isHeld,
    stopFollowing: () => follower.stop(),
    follow: () => {
      follower = start();
    },
    restart: async () => {
      await follower.stop();
      follower = start();
    },
    state: () => follower.state(),
    /** Waits until all that is on the box is kept. */
    caughtUp: () =>
      waitFor('all lines are kept', async () => {
        follower.wake();
        const keptLines = new Set(kept.text().split('\n'));
        return (await textOnBox()).every((line) => keptLines.has(line));
      }),
    stop: async () => {
      await follower.stop();
      for (const process of running) process.kill();
      closeSync(file);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
