import { errorCodeNames, errorCodes, type ErrorCode } from '../../src-shared/errorCodes.ts';
import { AppError, keExitCodeOf } from '../../src-shared/errors.ts';
import { visibleText } from '../../src-shared/base/machineText.ts';
import type { RunResult } from '../ssh/types.ts';

/** Exit code of a shell that can't find the command. */
const commandNotFound = 127;

/** Errors with an exit code of the kit. */
const keErrorCodes = errorCodeNames.filter((code) => errorCodes[code].keExitCode !== undefined);

/** An exit code may have several errors. The output line of the command selects it; the default is the first **[ours]**. */
function errorCodeOf(exitCode: number | null, named: string | null): ErrorCode {
  if (exitCode === commandNotFound) return 'COMMAND_MISSING';
  const possible = keErrorCodes.filter((code) => keExitCodeOf(code) === exitCode);
  return possible.find((code) => code === named) ?? possible[0] ?? 'COMMAND_FAILED';
}

const programOf = (command: string) => command.split(' ')[0] ?? '';

/** Splits `PROGRAM: CODE: reason`, the format of the kit. Any other text is the reason. */
function readReason(command: string, line: string): { code: string | null; reason: string } {
  const program = programOf(command);
  const message = line.startsWith(`${program}: `) ? line.slice(program.length + 2) : line;
  const [, code = null, reason = message] = /^([A-Z][A-Z_]+): (.+)$/u.exec(message) ?? [];
  return { code, reason };
}

/**
 * The line of stderr to show in an error: the first line of the command itself, because sudo may print warnings before
 * it, else the first line with text. Control characters are escaped and the length is limited.
 */
function findErrorLine(command: string, text: string): string {
  const lines = text
    .slice(0, 4096)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const own = lines.find((line) => line.startsWith(`${programOf(command)}: `));
  return visibleText(own ?? lines[0] ?? '').slice(0, 300);
}

/** COMMAND_MISSING for `program` of the kit. */
export function commandMissing(
  program: string,
  options: { detail?: Record<string, unknown>; cause?: unknown },
): AppError {
  return new AppError('COMMAND_MISSING', `${program} is not installed on this appliance.`, options);
}

/** Throws the error of a failed command; returns if it succeeded. `command` is the name shown in the error. */
export function assertDone(command: string, result: RunResult): void {
  if (result.exitCode === 0) return;
  const words = findErrorLine(command, result.stderr);
  const { code: named, reason } = readReason(command, words);
  const code = errorCodeOf(result.exitCode, named);
  const fallback =
    result.exitCode === null
      ? `ended by ${result.signal ?? 'the appliance'}`
      : `ended with exit code ${result.exitCode}`;
  const detail = { command, exitCode: result.exitCode, signal: result.signal, stderr: words };
  if (code === 'COMMAND_MISSING') throw commandMissing(programOf(command), { detail });
  throw new AppError(code, `${command}: ${reason === '' ? fallback : reason}`, { detail });
}
