import { defaultSshPort, formatAddress, plainHost } from './address.ts';
import type { ApplianceEntry } from './applianceEntry.ts';
import { quoteArgv } from '../../base/quoteArgv.ts';

/** The shell expands `~` only outside quotes. */
function quotePath(path: string): string {
  return /^~\/./u.test(path) ? `~/${quoteArgv([path.slice(2)])}` : quoteArgv([path]);
}

/**
 * The command that opens a shell on an appliance the way the console reaches it, quoted for a POSIX shell. A key path
 * below `~` is not quoted there, so that the shell expands it. Jump hosts use ssh's own configuration to log in.
 */
export function sshCommandOf({ target, jumps }: Pick<ApplianceEntry, 'target' | 'jumps'>): string {
  const { host, port, user, authentication } = target;
  const key = authentication.keyFile;
  return [
    'ssh',
    ...(port === defaultSshPort ? [] : ['-p', String(port)]),
    ...(key === null ? [] : ['-i', quotePath(key)]),
    ...(jumps.length === 0 ? [] : ['-J', quoteArgv([jumps.map(formatAddress).join(',')])]),
    quoteArgv([`${user}@${plainHost(host)}`]),
  ].join(' ');
}
