import { spawnSync } from 'node:child_process';

const isolation = 'SALLYPORT_BENCH_ISOLATED';

/** Writes progress beside the result, which goes to standard output. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

export const isInstalled = (program: string) =>
  spawnSync('which', [program], { stdio: 'ignore' }).status === 0;

/** What a program says about its version, in one line; empty if it says nothing. */
export const versionOf = (program: string): string =>
  spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0]?.trim() ?? '';

/** Runs a benchmark in a network namespace of its own. Needs root. */
export async function runInOwnNetwork(file: string, run: () => Promise<void>): Promise<void> {
  if (process.env[isolation] !== undefined) return run();
  // `sh` enables the loopback of the new namespace, then runs this program again.
  const again = ['--disable-warning=ExperimentalWarning', file, ...process.argv.slice(2)];
  const { status } = spawnSync(
    'unshare',
    ['--net', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"', process.execPath, ...again],
    { stdio: 'inherit', env: { ...process.env, [isolation]: '1' } },
  );
  process.exitCode = status ?? 1;
}
