import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const labEntry = fileURLToPath(new URL('../../../src-appliance/lab/main.ts', import.meta.url));

/** The lab is a program of its own: console and appliances meet over SSH alone. Gives its exit code. */
export function runLab(options: Record<string, number | undefined>): Promise<number> {
  const given = Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
  const child = spawn(process.execPath, [...process.execArgv, labEntry, ...given], { stdio: 'inherit' });
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
