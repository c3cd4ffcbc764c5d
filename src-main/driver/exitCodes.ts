import { errorCodeNames, errorCodes, type ErrorCode } from '../../src-shared/errorCodes.ts';
import { AppError, keExitCodeOf } from '../../src-shared/errors.ts';
import { visibleText } from '../../src-shared/base/machineText.ts';
import type { RunResult } from '../ssh/types.ts';

/** What the shell says of a command that it can't find. */
const commandNotFound = 127;

/** Errors that the kit's commands report by an exit code of their own. */
const keErrorCodes = errorCodeNames.filter((code) => errorCodes[code].keExitCode !== undefined);

/** An exit code may stand for several errors; the command's own line says which one, otherwise it is the first **[ours]**. */
function errorCodeOf(exitCode: number | null, named: string | null): ErrorCode {
  if (exitCode === commandNotFound) return 'COMMAND_MISSING';
  const possible = keErrorCodes.filter((code) => keExitCodeOf(code) === exitCode);
  return possible.find((code) => code === named) ?? possible[0] ?? 'COMMAND_FAILED';
}

const programOf = (command: string) => command.split(' ')[0] ?? '';

/** `PROGRAM: CODE: reason`, as the commands of the kit write it; other words are a reason as a whole. */
function readReason(command: string, line: string): { code: string | null; reason: string } {
  const program = programOf(command);
  const said = line.startsWith(`${program}: `) ? line.slice(program.length + 2) : line;
  const [, code = null, reason = said] = /^([A-Z][A-Z_]+): (.+)$/u.exec(said) ?? [];
  return { code, reason };
}

/**
 * The command's own line, as sudo may warn of something before it; without one the first line that says something. Made
 * visible and bounded; errors show it to people.
 */
function tellingLine(command: string, text: string): string {
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

/** Throws what a failed command stands for; returns when it did its work. `command` is its name, for people. */
export function assertDone(command: string, result: RunResult): void {
  if (result.exitCode === 0) return;
  const words = tellingLine(command, result.stderr);
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
