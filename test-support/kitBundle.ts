import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const repository = join(import.meta.dirname, '..');
let built: Promise<string> | undefined;

async function build(): Promise<string> {
  await mkdir(join(repository, 'out'), { recursive: true });
  // Two halves of a test run come here at once: the second waits, and then finds what the first built.
  const argv = ['out/.kit.lock', process.execPath, 'scripts/buildStale.ts', '--no-download', 'kit'];
  await run('flock', argv, {
    cwd: repository,
    env: { ...process.env, PATH: `${join(repository, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}` },
  });
  return join(repository, 'out/kit');
}

/** The kit's bundle as `npm run build` makes it, built only if its sources changed. Resolves with its folder. */
export function kitBundle(): Promise<string> {
  built ??= build();
  return built;
}

/** Copies the bundle without its packed Nodes: programs that a test runs, and may change. */
export async function copyPrograms(bundle: string, folder: string): Promise<void> {
  await cp(bundle, folder, { recursive: true, filter: (source) => !source.endsWith('.gz') });
}
