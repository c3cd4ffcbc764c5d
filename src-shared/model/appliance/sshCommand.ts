import type { ApplianceEntry, SshTarget } from './applianceEntry.ts';
import { quoteArgv } from '../../base/quoteArgv.ts';

const withoutBrackets = (host: string) => host.replace(/^\[|\]$/gu, '');

function jumpOf({ user, host, port }: SshTarget): string {
  const plain = withoutBrackets(host);
  return `${user}@${plain.includes(':') ? `[${plain}]` : plain}${port === 22 ? '' : `:${port}`}`;
}

/** The shell expands `~` only outside quotes. */
function quotePath(path: string): string {
  return /^~\/./u.test(path) ? `~/${quoteArgv([path.slice(2)])}` : quoteArgv([path]);
}

/**
 * The command that opens a shell on an appliance the way the console reaches it, quoted for a POSIX shell. A key below `~`
 * stays unquoted there, so that the shell expands it. Jump hosts log in as ssh is configured to.
 */
export function sshCommandOf({ target, jumps }: Pick<ApplianceEntry, 'target' | 'jumps'>): string {
  const { host, port, user, authentication } = target;
  const key = authentication.keyFile;
  return [
    'ssh',
    ...(port === 22 ? [] : ['-p', String(port)]),
    ...(key === null ? [] : ['-i', quotePath(key)]),
    ...(jumps.length === 0 ? [] : ['-J', quoteArgv([jumps.map(jumpOf).join(',')])]),
    quoteArgv([`${user}@${withoutBrackets(host)}`]),
  ].join(' ');
}
