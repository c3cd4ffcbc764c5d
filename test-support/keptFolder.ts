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
import type { LogEngine } from '../src-main/syslog/store/process/engine.ts';
import { createLogEngineClient } from '../src-main/syslog/store/process/engineClient.ts';
import { forkEngine } from '../src-main/syslog/store/process/forkEngine.ts';
import type { EngineChannel } from '../src-main/syslog/store/process/protocol.ts';
import type { TailSource } from '../src-main/syslog/syslog.ts';
import type { RemoteProcess } from '../src-main/ssh/types.ts';
import { startScript } from './followedFolder.ts';

const run = promisify(execFile);
const linesPerRead = 500;
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
export async function createKeptFolder(
  options: {
    hasScript?: boolean;
    /** Starts the log store's process, by default with a data folder beside the log. */
    startEngine?: () => EngineChannel;
    clock?: () => number;
  } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-kept-'));
  const { startEngine = () => forkEngine(join(folder, 'data')), clock = Date.now } = options;
  const log = join(folder, 'syslog');
  const configuration = join(folder, 'logrotate.conf');
  const running = new Set<RemoteProcess>();
  const linkUp = new Set<() => void>();
  let file = openSync(log, 'a');
  let isUp = true;
  let next = 0;
  /** What the last console shows. One that was opened before goes on showing lines of its own. */
  let shown: { lines: SyslogLine[] } = { lines: [] };
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

  /** Starts a console, which shows the newest `history` lines, then new ones. `start` starts its log store's process. */
  function open(history = 1000, start = startEngine): void {
    const logs = createKeptLogs({
      source,
      startEngine: () => createLogEngineClient({ start }),
      onCloseFailed: () => undefined,
      clock,
    });
    const own: typeof shown = { lines: [] };
    shown = own;
    const tail = createLogTail(
      {
        ...source,
        logs,
        readHistory: (id, limit) => readKeptHistory(logs.engine(), { applianceId: id, limit }),
        clock,
      },
      {
        applianceId,
        history,
        onLines: (lines) => {
          for (const line of lines) own.lines.push(line);
        },
        onRowsRemoved: (seqs) => {
          own.lines = own.lines.filter(({ seq }) => !seqs.includes(seq));
        },
        onTrouble: () => undefined,
      },
    );
    console.push({ logs, tail });
  }
  function engine(): LogEngine {
    const opened = console.at(-1)?.logs.engine();
    if (opened === undefined) throw new Error('no console is open');
    return opened;
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
      writeSync(file, numberedLines(from, next));
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
    countKept: async (): Promise<number> =>
      (await engine().listSources({ applianceId })).reduce((sum, { line }) => sum + line, 0),
    /** The numbers of all kept lines, in the order of the files. */
    keptNumbers: async (): Promise<number[]> => {
      const numbers: number[] = [];
      for (const { source, line: end, firstKeptLine } of await engine().listSources({ applianceId }))
        for (let line = firstKeptLine; line < end; line += linesPerRead) {
          const after = Math.min(linesPerRead, end - line) - 1;
          const found = await engine().searchContext({ source, line, before: 0, after });
          for (const { text } of found) numbers.push(numberOf(text));
        }
      return numbers;
    },
    tail: () => console.at(-1)?.tail ?? null,
    shown: () => shown.lines,
    gaps: () => shown.lines.filter(({ kind }) => kind === 'gap').map(({ message }) => message),
    numbers: () => shown.lines.filter(({ kind }) => kind === 'line').map(({ message }) => numberOf(message)),
    stop: async () => {
      await close();
      for (const process of running) process.kill();
      closeSync(file);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The lines that `write` writes, from one number to before another. */
export const numberedLines = (from: number, to: number): string =>
  Array.from(
    { length: to - from },
    (_, index) => `Nov 20 09:04:12 kiln counter[7]: number ${from + index} of the test\n`,
  ).join('');

/** The number of a line that `write` wrote. */
function numberOf(text: string): number {
  const digits = /^(?:.* counter\[7\]: )?number (\d+) of the test$/u.exec(text)?.[1];
  if (digits === undefined) throw new Error(`another line: ${text}`);
  return Number(digits);
}
