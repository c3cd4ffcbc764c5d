import { defaultSshPort, formatAddress, plainHost } from './address.ts';
import type { ApplianceEntry } from './applianceEntry.ts';
import { quoteArgv } from '../../base/quoteArgv.ts';

/** The shell expands `~` only outside quotes. Only a key path can start with it. */
function quoteArgument(argument: string): string {
  return argument.startsWith('~/') ? `~/${quoteArgv([argument.slice(2)])}` : quoteArgv([argument]);
}

/**
 * The command that opens a shell on an appliance the way the console reaches it, as arguments. ssh expands a key path
 * below `~`, and `%` tokens in jump hosts **[doc]**. Jump hosts use ssh's own configuration to log in.
 */
export function sshArgvOf({ target, jumps }: Pick<ApplianceEntry, 'target' | 'jumps'>): string[] {
  const { host, port, user, authentication } = target;
  const key = authentication.keyFile;
  return [
    'ssh',
    ...(port === defaultSshPort ? [] : ['-p', String(port)]),
    ...(key === null ? [] : ['-i', key]),
    ...(jumps.length === 0 ? [] : ['-J', jumps.map(formatAddress).join(',').replaceAll('%', '%%')]),
    `${user}@${plainHost(host)}`,
  ];
}

/**
 * The same command, quoted for a POSIX shell. A leading `~` stays unquoted, so that the shell expands it.
 */
export function sshCommandOf(entry: Pick<ApplianceEntry, 'target' | 'jumps'>): string {
  return sshArgvOf(entry).map(quoteArgument).join(' ');
}
