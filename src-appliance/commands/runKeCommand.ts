import { keExitCodes } from '../../src-shared/exitCodes.ts';
import type { Readable, Writable } from 'node:stream';
import { AppError, keExitCodeOf } from '../../src-shared/errors.ts';
import { shorten, visibleText } from '../../src-shared/base/machineText.ts';
import type { Appliance } from '../core/appliance.ts';
import type { KeCommand } from './command.ts';

/** A command with its arguments and streams. `argv[0]` is its name, e.g. `ke_status`. */
export type KeInvocation = {
  command: KeCommand;
  argv: readonly string[];
  appliance: Appliance;
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
};

/** Maximum length of an error line. A message may quote an argument of any length. */
const maxReason = 1024;

function writeAll(stdout: Writable, text: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause?: unknown) =>
      reject(new AppError('COMMAND_FAILED', 'the output was not read to its end', { cause }));
    stdout.once('close', fail);
    stdout.write(text, (error) => {
      stdout.off('close', fail);
      if (error == null) resolve();
      else fail(error);
    });
  });
}

/**
 * Runs a command and resolves with its exit code. Never rejects and never ends the process. If the exit code
 * is not 0, writes exactly one line to `stderr` with the reason.
 */
export async function runKeCommand(invocation: KeInvocation): Promise<number> {
  const { command, argv, appliance, stdin, stdout, stderr } = invocation;
  const [name = '', ...words] = argv;
  const explain = (message: string) =>
    stderr.write(`${visibleText(shorten(`${name}: ${message}`, maxReason))}\n`);
  const print = {
    json: (value: unknown) => void stdout.write(`${JSON.stringify(value)}\n`),
    line: (text: string) => void stdout.write(`${visibleText(text)}\n`),
    note: explain,
    exact: (text: string | Buffer) => writeAll(stdout, text),
  };
  try {
    await command({ words, appliance, stdin, print });
    return keExitCodes.done;
  } catch (error) {
    if (error instanceof AppError) {
      explain(`${error.code}: ${error.message.replaceAll('\n', ' ')}`);
      return keExitCodeOf(error.code);
    }
    explain(`INTERNAL: ${error instanceof Error ? error.message.replaceAll('\n', ' ') : 'unknown error'}`);
    return keExitCodes.failed;
  }
}
