import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cliProgram } from './cliProgram.ts';

export type SallyportResult = { code: number | null; out: string; err: string };

/** Runs a command of the command line until it ends, without a terminal. */
export async function runSallyport(
  argv: readonly string[],
  /** `launcher`: a command that runs the command after it. */
  options: { env?: NodeJS.ProcessEnv; cwd?: string; launcher?: readonly string[] } = {},
): Promise<SallyportResult> {
  const [program = '', ...words] = [...(options.launcher ?? []), process.execPath, cliProgram, ...argv];
  const child = spawn(program, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const output = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.err += text));
  await once(child, 'close');
  return { code: child.exitCode, ...output };
}
