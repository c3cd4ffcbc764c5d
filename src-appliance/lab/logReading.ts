import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { signalUnlessEnded } from '../../src-shared/node/signalUnlessEnded.ts';
import { followScript } from '../../src-shared/model/syslog/followScript.ts';
import { readArguments, usage } from '../commands/arguments.ts';

const maxLines = 100_000;
const filesOption = '--files';
const notFound = { code: 127, message: 'tail or sh: command not found' } as const;

/** The program that `ke_syslog` becomes, with its arguments, as in `ke_syslog.sh`. Throws INVALID_INPUT. */
function readLogArguments(log: string, words: readonly string[]): readonly [string, ...string[]] {
  if (words[0] === filesOption) {
    if (words.length < 3) throw usage(`usage: ke_syslog ${filesOption} TOKEN MODE`);
    return ['sh', '-c', followScript, 'sh', 'strict', log, ...words.slice(1)];
  }
  const { words: rest, flags, values } = readArguments(words, { flags: ['follow'], values: ['lines'] });
  const lines = values.get('lines') ?? '1000';
  const isCount = /^(?:0|[1-9]\d{0,5})$/u.test(lines) && Number(lines) <= maxLines;
  if (rest.length > 0 || flags.has('json') || !isCount)
    throw usage('usage: ke_syslog [--lines N] [--follow], N from 0 to 100000');
  return ['tail', '-n', lines, ...(flags.has('follow') ? ['-F'] : []), '--', log];
}

/** Ends a process that leads a group, and those that it has started. */
function killGroup({ pid }: ChildProcessByStdio<null, Readable, Readable>): void {
  if (pid !== undefined) signalUnlessEnded(-pid, 'SIGTERM');
}

export type LogReading = {
  output: Readable;
  errors: Readable;
  onEnd: (listener: (end: { code: number; message?: string }) => void) => void;
  kill: () => void;
};

/** Starts what `ke_syslog` runs on an appliance. Throws INVALID_INPUT. */
export function startLogReading(log: string, words: readonly string[]): LogReading {
  const [program, ...argv] = readLogArguments(log, words);
  // The script waits in a program of its own, which must end with it.
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  return {
    output: child.stdout,
    errors: child.stderr,
    onEnd: (listener) => {
      child.once('error', () => listener(notFound));
      child.once('close', (code) => listener({ code: code ?? 0 }));
    },
    kill: () => killGroup(child),
  };
}
