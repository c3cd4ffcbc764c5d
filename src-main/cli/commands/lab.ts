import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const labEntry = fileURLToPath(new URL('../../../src-appliance/lab/main.ts', import.meta.url));

/** The lab is a program of its own: console and appliances meet over SSH alone. Gives its exit code. */
export function runLab(options: Record<string, string | number | undefined>): Promise<number> {
  const given = Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
  // Its input ends with this process, however that ends: no lab outlives a command that was killed.
  const child = spawn(process.execPath, [...process.execArgv, labEntry, ...given, '--exit-with-stdin'], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  // A terminal sends Ctrl-C to both; a signal that somebody sends to this process reaches the lab only from here.
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
