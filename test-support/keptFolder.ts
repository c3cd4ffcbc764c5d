import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../src-shared/errors.ts';
import type { SyslogLine } from '../src-shared/model/syslog/syslogLine.ts';
import type { ApplianceTail } from '../src-main/syslog/applianceTail.ts';
import { readKeptHistory } from '../src-main/syslog/kept/keptHistory.ts';
import { createKeptLogs, type KeptLogs } from '../src-main/syslog/kept/keptLogs.ts';
import { createLogTail } from '../src-main/syslog/kept/logTail.ts';
import { createLogEngineClient } from '../src-main/syslog/store/process/engineClient.ts';
import { forkEngine } from '../src-main/syslog/store/process/forkEngine.ts';
import type { TailSource } from '../src-main/syslog/syslog.ts';
import type { RemoteProcess } from '../src-main/ssh/types.ts';
import { startScript } from './followedFolder.ts';

const run = promisify(execFile);
const applianceId = '9b2f1a38-6f4e-4f0e-9c39-0d6a8d7a7d10';

function startTail(log: string, lines: number): RemoteProcess {
  const child = spawn('tail', ['-n', String(lines), '-F', log], { stdio: 'pipe', env: { LC_ALL: 'C' } });
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exited: once(child, 'close').then(() => ({ exitCode: child.exitCode, signal: child.signalCode })),
    kill: () => void child.kill('SIGKILL'),
  };
}

/**
 * A log in a folder of this machine that a console keeps and shows: with the real script, logrotate, tail and log store,
 * but without SSH.
 */
export async function createKeptFolder(options: { hasScript?: boolean } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-kept-'));
  const data = join(folder, 'data');
  const log = join(folder, 'syslog');
  const configuration = join(folder, 'logrotate.conf');
  const running = new Set<RemoteProcess>();
  const linkUp = new Set<() => void>();
  let file = openSync(log, 'a');
  let isUp = true;
  let next = 0;
  let shown: SyslogLine[] = [];
  const console: { logs: KeptLogs; tail: ApplianceTail }[] = [];

  function track(process: RemoteProcess): RemoteProcess {
    running.add(process);
    void process.exited.then(() => running.delete(process));
    return process;
  }
  const source: TailSource = {
    hold: () => () => undefined,
    start: (_id, lines) => Promise.resolve(isUp ? track(startTail(log, lines)) : null),
    startScript: async (_id, words) => {
      if (!isUp) throw new AppError('LINK_NOT_READY', 'Not connected.');
      const known = options.hasScript === false ? ['unknown', 'mode'] : words;
      return track(startScript(['/bin/dash'], ['lax', log, ...known]));
    },
    findProblem: () => Promise.resolve(null),
    onLinkUp: (_id, listener) => {
      linkUp.add(listener);
      return () => linkUp.delete(listener);
    },
    onRemoved: () => () => undefined,
  };

  /** Starts a console, which shows the newest `history` lines, then new ones. */
  function open(history = 1000): void {
    const logs = createKeptLogs({
      source,
      startEngine: () => createLogEngineClient({ start: () => forkEngine(data) }),
      onCloseFailed: () => undefined,
      clock: Date.now,
    });
    shown = [];
    const tail = createLogTail(
      {
        ...source,
        logs,
        readHistory: (id, limit) => readKeptHistory(logs.engine(), { applianceId: id, limit }),
        clock: Date.now,
      },
      {
        applianceId,
        history,
        onLines: (lines) => {
          for (const line of lines) shown.push(line);
        },
        onRowsRemoved: (seqs) => {
          shown = shown.filter(({ seq }) => !seqs.includes(seq));
        },
        onTrouble: () => undefined,
      },
    );
    console.push({ logs, tail });
  }
  async function close(): Promise<void> {
    for (const { logs, tail } of console.splice(0)) {
      tail.stop();
      await logs.close();
    }
  }

  return {
    applianceId,
    folder,
    log,
    open,
    close,
    /** Writes numbered lines. */
    write: (count: number) => {
      const from = next;
      next += count;
      const lines = Array.from(
        { length: count },
        (_, index) => `Nov 20 09:04:12 kiln counter[7]: number ${from + index} of the test\n`,
      );
      writeSync(file, lines.join(''));
    },
    written: () => next,
    rotate: async (...rules: string[]) => {
      const text = [`${log} {`, 'rotate 20', 'missingok', 'ifempty', ...rules, '}', ''].join('\n');
      await writeFile(configuration, text, { mode: 0o600 });
      await run('logrotate', ['--force', '--state', join(folder, 'state'), configuration]);
      closeSync(file);
      file = openSync(log, 'a');
    },
    /** Ends all scripts as a broken link does. */
    cut: () => {
      isUp = false;
      for (const process of running) process.kill();
    },
    reconnect: () => {
      isUp = true;
      for (const listener of linkUp) listener();
    },
    logs: () => console.at(-1)?.logs ?? null,
    tail: () => console.at(-1)?.tail ?? null,
    shown: () => shown,
    gaps: () => shown.filter(({ kind }) => kind === 'gap').map(({ message }) => message),
    numbers: () => numbersOf(shown.filter(({ kind }) => kind === 'line').map(({ message }) => message)),
    stop: async () => {
      await close();
      for (const process of running) process.kill();
      closeSync(file);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The numbers of lines that `write` wrote. */
export const numbersOf = (messages: readonly string[]): number[] =>
  messages.flatMap((text) => {
    const digits = /^number (\d+) of the test$/u.exec(text)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
