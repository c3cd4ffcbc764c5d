import { AppError, type ErrorCode } from '../../src-shared/errors.ts';
import { visibleText } from '../../src-shared/model/machineText.ts';
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

/** The first line that says something, made visible and bounded; errors show it to people. */
function firstLine(text: string): string {
  const line = text
    .slice(0, 4096)
    .split('\n')
    .find((candidate) => candidate.trim() !== '');
  return line === undefined ? '' : visibleText(line.trim()).slice(0, 300);
}

/** Throws what a failed command stands for; returns when it did its work. `command` is its name, for people. */
export function assertDone(command: string, result: RunResult): void {
  if (result.exitCode === 0) return;
  const code = result.exitCode === null ? 'COMMAND_FAILED' : (codes.get(result.exitCode) ?? 'COMMAND_FAILED');
  const words = firstLine(result.stderr);
  const fallback =
    result.exitCode === null
      ? `ended by ${result.signal ?? 'the appliance'}`
      : `ended with exit code ${result.exitCode}`;
  const message =
    code === 'COMMAND_MISSING'
      ? `This appliance has no ${command}.`
      : `${command}: ${words === '' ? fallback : words}`;
  throw new AppError(code, message, {
    detail: { command, exitCode: result.exitCode, signal: result.signal, stderr: words },
  });
}
