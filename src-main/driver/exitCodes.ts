import { AppError, type ErrorCode } from '../../src-shared/errors.ts';
import { visibleText } from '../../src-shared/base/machineText.ts';
import type { RunResult } from '../ssh/types.ts';

/** What the exit codes of `ke_*` commands mean **[ours]**; 127 is the shell's. Anything else but 0: COMMAND_FAILED. */
const codes: ReadonlyMap<number, ErrorCode> = new Map([
  [2, 'INVALID_INPUT'],
  [3, 'NOT_FOUND'],
  [4, 'NOT_PERMITTED'],
  [5, 'BUSY'],
  [6, 'LICENCE_FORBIDS'],
  [7, 'VERIFICATION_FAILED'],
  [127, 'COMMAND_MISSING'],
]);

/** An exit code may stand for several errors; which one it was, the command's own line says **[ours]**. */
const narrower: ReadonlyMap<number, readonly ErrorCode[]> = new Map([
  [3, ['ALREADY_EXISTS', 'CONFLICT', 'TOO_MANY_KEYS']],
]);

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
  const { code: said, reason } = readReason(command, words);
  const code =
    result.exitCode === null
      ? 'COMMAND_FAILED'
      : (narrower.get(result.exitCode)?.find((one) => one === said) ??
        codes.get(result.exitCode) ??
        'COMMAND_FAILED');
  const fallback =
    result.exitCode === null
      ? `ended by ${result.signal ?? 'the appliance'}`
      : `ended with exit code ${result.exitCode}`;
  const detail = { command, exitCode: result.exitCode, signal: result.signal, stderr: words };
  if (code === 'COMMAND_MISSING') throw commandMissing(programOf(command), { detail });
  throw new AppError(code, `${command}: ${reason === '' ? fallback : reason}`, { detail });
}
