import { execFile, type ExecFileOptions } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs a program until it ends. Rejects if it can't be started or fails; the error has its output. */
export function runProgram(
  file: string,
  argv: readonly string[],
  options: Pick<ExecFileOptions, 'env' | 'maxBuffer' | 'timeout'> = {},
): Promise<{ stdout: string; stderr: string }> {
  // Promisified here, so that a program which runs no other one does not load the module.
  return promisify(execFile)(file, argv, options);
}
