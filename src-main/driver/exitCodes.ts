import { errorCodeNames, errorCodes, type ErrorCode } from '../../src-shared/errorCodes.ts';
import { AppError, keExitCodeOf } from '../../src-shared/errors.ts';
import { visibleText } from '../../src-shared/base/machineText.ts';
import type { RunResult } from '../ssh/types.ts';

/** A shell exits with this code if it can't find the command. */
const commandNotFound = 127;

/** The error codes that have an exit code of the kit. */
const keErrorCodes = errorCodeNames.filter((code) => errorCodes[code].keExitCode !== undefined);

/**
 * Several error codes share an exit code. The command's output names the code; otherwise the first one is
 * used **[ours]**.
 */
function errorCodeOf(exitCode: number | null, named: string | null): ErrorCode {
  if (exitCode === commandNotFound) return 'COMMAND_MISSING';
  const possible = keErrorCodes.filter((code) => keExitCodeOf(code) === exitCode);
  return possible.find((code) => code === named) ?? possible[0] ?? 'COMMAND_FAILED';
}

const programOf = (command: string) => command.split(' ')[0] ?? '';

/**
 * Splits `PROGRAM: CODE: reason`, the kit's format of errors. For any other text, the whole text is the
 * reason.
 */
function readReason(command: string, line: string): { code: string | null; reason: string } {
  const program = programOf(command);
  const message = line.startsWith(`${program}: `) ? line.slice(program.length + 2) : line;
  const [, code = null, reason = message] = /^([A-Z][A-Z_]+): (.+)$/u.exec(message) ?? [];
  return { code, reason };
}

/**
 * Returns the line of stderr to show in an error: the command's own first line, because sudo may print
 * warnings before it, or else the first line with text. Escapes control characters and shortens the line.
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

/** Creates the error COMMAND_MISSING for `program`, a command of the kit. */
export function commandMissingError(
  program: string,
  options: { detail?: Record<string, unknown>; cause?: unknown },
): AppError {
  return new AppError('COMMAND_MISSING', `${program} is not installed on this appliance.`, options);
}

/**
 * Throws the error that matches the exit code of a failed command. Does nothing if the command succeeded.
 * `command` is the name that the error shows. Without `mayQuoteOutput`, only stderr is quoted, because stdout
 * may be a private key.
 */
export function assertSucceeded(
  command: string,
  result: RunResult,
  { mayQuoteOutput = true }: { mayQuoteOutput?: boolean } = {},
): void {
  if (result.exitCode === 0) return;
  // Some shells of locked accounts and wrappers say on stdout why they refuse.
  const said = result.stderr.trim() === '' && mayQuoteOutput ? result.stdout : result.stderr;
  const words = findErrorLine(command, said);
  const { code: named, reason } = readReason(command, words);
  const code = errorCodeOf(result.exitCode, named);
  const fallback =
    result.exitCode === null
      ? `ended by ${result.signal ?? 'the appliance'}`
      : `ended with exit code ${result.exitCode}`;
  const detail = { command, exitCode: result.exitCode, signal: result.signal, stderr: words };
  if (code === 'COMMAND_MISSING') throw commandMissingError(programOf(command), { detail });
  throw new AppError(code, `${command}: ${reason === '' ? fallback : reason}`, { detail });
}
