import { execFile, type ExecFileOptions } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Runs a program until it ends, with `input` on its stdin. Rejects if it can't be started or fails; the error has its
 * output.
 */
export function runProgram(
  file: string,
  argv: readonly string[],
  options: Pick<ExecFileOptions, 'env' | 'maxBuffer' | 'timeout' | 'signal'> & { input?: string } = {},
): Promise<{ stdout: string; stderr: string }> {
  const { input, ...limits } = options;
  // Promisified here, so that a program which runs no other one does not load the module.
  const running = promisify(execFile)(file, argv, limits);
  if (input === undefined) return running;
  // A program that ended without reading fails or succeeds by its exit code.
  running.child.stdin?.on('error', () => undefined);
  running.child.stdin?.end(input);
  return running;
}
