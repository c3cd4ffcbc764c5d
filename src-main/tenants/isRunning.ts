import type { Session } from '../ssh/types.ts';

const found = 0;
const nothingFound = 1;

/** A pattern for exactly these words, with which it does not find itself in the command line that looks for it. */
function patternOf(argv: readonly string[]): string {
  const [first = '', ...rest] = argv
    .join(' ')
    .split('')
    .map((sign) => (/[\w ^]/u.test(sign) ? sign.replace('^', '\\^') : `[${sign}]`));
  return `[${first}]${rest.join('')}`;
}

/**
 * Whether a process whose command line holds these words runs on the appliance; null where it can't be told: without
 * pgrep(1), where the caller has nothing but silence to go by. Where processes of others are hidden it finds none. Rejects as `run` does.
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
