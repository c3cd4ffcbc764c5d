import { randomBytes } from 'node:crypto';
import { Transform } from 'node:stream';
import { AppError } from '../../../src-shared/errors.ts';
import { quoteArgv } from '../../../src-shared/base/quoteArgv.ts';
import { quoteServerText } from '../transport/serverTexts.ts';
import type { RemoteProcess, RunResult } from '../types.ts';

/** How much of the text in front of a command's output is kept **[ours]**. */
const maxTextBytes = 4_096;

/**
 * Removes the output up to and including `mark`. Without the mark, the command has not run, so all output is
 * removed.
 */
function withoutStart(
  mark: Buffer,
  on: Record<'start' | 'endWithoutStart', (text: string) => void>,
): Transform {
  let held = Buffer.alloc(0);
  let text = Buffer.alloc(0);
  let hasStarted = false;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (hasStarted) return done(null, chunk);
      held = Buffer.concat([held, chunk]);
      const at = held.indexOf(mark);
      const before =
        at === -1 ? held.subarray(0, Math.max(0, held.length - mark.length)) : held.subarray(0, at);
      if (text.length < maxTextBytes) text = Buffer.concat([text, before]).subarray(0, maxTextBytes);
      if (at === -1) {
        held = Buffer.from(held.subarray(before.length));
        return done();
      }
      hasStarted = true;
      const rest = held.subarray(at + mark.length);
      held = Buffer.alloc(0);
      on.start(text.toString('utf8'));
      return done(null, rest);
    },
    flush(done) {
      if (!hasStarted) on.endWithoutStart(Buffer.concat([text, held]).toString('utf8'));
      done();
    },
  });
}

/** The error if the shell ended before it ran the command, whatever its exit code was. */
export function createEndedShellError(command: string, result: RunResult): AppError {
  const { exitCode, signal } = result;
  const code = exitCode === 0 || exitCode === null ? '' : ` with exit code ${exitCode}`;
  const said = [result.stderr, result.stdout].find((text) => text.trim() !== '');
  const quote = said === undefined ? '' : ` The shell said: ${quoteServerText(said)}.`;
  return new AppError(
    'COMMAND_FAILED',
    `${command} did not run: a start-up file of the login shell, such as .bashrc, ends the shell before it${code}.${quote}`,
    { detail: { command, exitCode, signal } },
  );
}

/**
 * Marks where the output of a command begins, because a start-up file of the login shell may print text in
 * front of it, and only the command's own lines belong to a log. `onStart` is called with that text.
 */
export function createStartMark(onStart: (startupText: string) => void) {
  // Random, so that no other output looks like it.
  const mark = `begin-${randomBytes(12).toString('hex')}`;
  let hasStarted = false;
  let shellOutput = '';
  return {
    /** The command line that prints the mark and then runs `line`, which must be quoted arguments. */
    markLine: (line: string): string =>
      `${quoteArgv(['sh', '-c', String.raw`printf '%s\n' "$0"; exec "$@"`, mark])} ${line}`,
    /** Whether the command has begun. */
    hasStarted: () => hasStarted,
    /** What the shell printed if it ended before the command. */
    shellOutput: () => shellOutput,
    removeMark(process: RemoteProcess): RemoteProcess {
      const stdout = withoutStart(Buffer.from(`${mark}\n`), {
        start(text) {
          hasStarted = true;
          onStart(text);
        },
        endWithoutStart(text) {
          shellOutput = text;
        },
      });
      process.stdout.pipe(stdout);
      process.stdout.once('close', () => stdout.end());
      return {
        ...process,
        stdout,
        kill() {
          process.kill();
          stdout.resume();
        },
      };
    },
  };
}

export type StartMark = ReturnType<typeof createStartMark>;
