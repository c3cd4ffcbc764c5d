import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

const maxErrorLines = 5;

/** How a part ended; `signal` is null unless a signal ended it. */
export type PartEnd = { code: number | null; signal: NodeJS.Signals | null };

/** One program that `npm start` runs. */
export type Part = {
  /** The name with an article: `the lab`. */
  name: string;
  /** Resolves with the first line of output. Rejects if the program ends without output. */
  firstLine: () => Promise<string>;
  ended: Promise<PartEnd>;
  /** Describes how the program ended, with its last error lines. */
  describe: (end: PartEnd) => string;
  /** Sends SIGTERM and waits until it has ended. */
  stop: () => Promise<void>;
};

/** Starts a part. Its error lines are passed on, and the last of them are kept for `describe`. */
export function startPart(options: {
  name: string;
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  stdin?: 'ignore' | 'inherit';
  /** Called with each line of its output. */
  onLine?: (line: string) => void;
  /** Called with each line of its error output. */
  onErrorLine?: (line: string) => void;
}): Part {
  const { name } = options;
  const child: ChildProcess = spawn(options.command, options.args, {
    stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'],
    env: options.env ?? process.env,
  });
  const errorLines: string[] = [];
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error(`${name} has no output`);
  createInterface({ input: stderr }).on('line', (line) => {
    process.stderr.write(`${line}\n`);
    options.onErrorLine?.(line);
    errorLines.push(line);
    if (errorLines.length > maxErrorLines) errorLines.shift();
  });
  const ended = new Promise<PartEnd>((resolve) => {
    child.once('error', (error) => {
      errorLines.push(error.message);
      resolve({ code: null, signal: null });
    });
    // `close` comes after the last of its output, unlike `exit`.
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const describe = ({ code, signal }: PartEnd): string => {
    const how =
      signal !== null
        ? `was ended by ${signal}`
        : code === null
          ? 'could not be started'
          : `ended with exit code ${code}`;
    const lastLines = errorLines.length === 0 ? ['No output.'] : ['Its last lines:', ...errorLines];
    return [`${name} ${how}. ${lastLines[0] ?? ''}`, ...lastLines.slice(1).map((line) => `  ${line}`)].join(
      '\n',
    );
  };
  const lines = createInterface({ input: stdout });
  if (options.onLine !== undefined) lines.on('line', options.onLine);
  const first = new Promise<string>((resolve) => lines.once('line', resolve));
  return {
    name,
    ended,
    describe,
    firstLine: () =>
      Promise.race([
        first,
        ended.then((end) => {
          throw new Error(describe(end));
        }),
      ]),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
