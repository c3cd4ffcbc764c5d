import type { Session } from '../ssh/types.ts';

const found = 0;
const nothingFound = 1;

/** A pattern for exactly these arguments. It does not match the command line of its own search. */
function patternOf(argv: readonly string[]): string {
  const [first = '', ...rest] = argv
    .join(' ')
    .split('')
    .map((sign) => (/[\w ^]/u.test(sign) ? sign.replace('^', '\\^') : `[${sign}]`));
  return `[${first}]${rest.join('')}`;
}

/**
 * Whether a process with these arguments runs on the appliance; null if that is unknown, because pgrep(1) is missing.
 * Hidden processes of other users are not found. Rejects like `run`.
 */
export async function isRunning(
  session: Pick<Session, 'run'>,
  argv: readonly string[],
): Promise<boolean | null> {
  const { exitCode } = await session.run({
    argv: ['pgrep', '-f', '--', patternOf(argv)],
    privileged: false,
  });
  if (exitCode === found) return true;
  return exitCode === nothingFound ? false : null;
}
