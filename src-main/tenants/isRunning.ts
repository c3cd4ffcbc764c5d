import type { Session } from '../ssh/types.ts';

const found = 0;
const nothingFound = 1;

/**
 * A regular expression for pgrep that matches exactly these arguments, but not the pgrep command itself.
 */
function patternOf(argv: readonly string[]): string {
  const [first = '', ...rest] = argv
    .join(' ')
    .split('')
    .map((sign) => (/[\w ^]/u.test(sign) ? sign.replace('^', '\\^') : `[${sign}]`));
  return `[${first}]${rest.join('')}`;
}

/**
 * Whether a process with these arguments runs on the appliance. Null if pgrep(1) is missing. Does not find
 * processes of other users if the system hides them. Rejects like `run`.
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
