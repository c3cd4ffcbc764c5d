import { defaultSshPort, formatAddress, plainHost } from './address.ts';
import type { ApplianceEntry, SshTarget } from './applianceEntry.ts';
import { quoteArgv } from '../../base/quoteArgv.ts';

/** The shell expands `~` only outside quotes. Only a key path can start with it. */
function quoteArgument(argument: string): string {
  return argument.startsWith('~/') ? `~/${quoteArgv([argument.slice(2)])}` : quoteArgv([argument]);
}

/**
 * Whether `-J` passes the jump host on unchanged. ssh puts these texts unquoted into a command for a shell, once for
 * each jump host up to this one, and expands `%` tokens each time **[doc]**. Only the last host loses its brackets.
 */
function isPlainJump({ user, host }: SshTarget, index: number, { length }: readonly SshTarget[]): boolean {
  return /^[\w.@+:/-]+$/u.test(user) && (index === length - 1 || /^[\w.-]+$/u.test(host));
}

/**
 * An argument of a ProxyCommand: for a shell, with backslashes only, because ssh reads quotes in its options in another
 * way than a shell, and with `%` doubled. Users and hosts contain no control characters.
 */
function escapeArgument(argument: string): string {
  return argument.replaceAll(/[^\w.,:@%+/\u0080-\u{10ffff}-]/gu, String.raw`\$&`).replaceAll('%', '%%');
}

const portArgv = (port: number) => (port === defaultSshPort ? [] : ['-p', String(port)]);

/** The value of ProxyCommand that connects through jump hosts. ssh expands its `%` tokens and starts a shell with it. */
function proxyCommandOf(jumps: readonly SshTarget[]): string {
  const last = jumps.at(-1);
  if (last === undefined) return 'none';
  const { host, port, user } = last;
  const before = jumps.slice(0, -1);
  const proxy = before.length === 0 ? [] : ['-o', `ProxyCommand=${proxyCommandOf(before)}`];
  const argv = ['ssh', ...portArgv(port), '-l', user, ...proxy];
  const words = argv.map(escapeArgument);
  return [...words, '-W', String.raw`\[%h\]:%p`, escapeArgument(plainHost(host))].join(' ');
}

function jumpArgv(jumps: readonly SshTarget[]): string[] {
  if (jumps.length === 0) return [];
  return jumps.every(isPlainJump)
    ? ['-J', jumps.map(formatAddress).join(',').replaceAll('%', '%%')]
    : ['-o', `ProxyCommand=${proxyCommandOf(jumps)}`];
}

/**
 * The command that opens a shell on an appliance the way the console reaches it, as arguments. ssh expands a key path
 * below `~`. Jump hosts use ssh's own configuration to log in. `-J` can't pass every user on, so a ProxyCommand
 * replaces it if necessary.
 */
export function sshArgvOf({ target, jumps }: Pick<ApplianceEntry, 'target' | 'jumps'>): string[] {
  const { host, port, user, authentication } = target;
  const key = authentication.keyFile;
  return [
    'ssh',
    ...portArgv(port),
    ...(key === null ? [] : ['-i', key]),
    ...jumpArgv(jumps),
    `${user}@${plainHost(host)}`,
  ];
}

/**
 * The same command, quoted for a POSIX shell. A leading `~` stays unquoted, so that the shell expands it.
 */
export function sshCommandOf(entry: Pick<ApplianceEntry, 'target' | 'jumps'>): string {
  return sshArgvOf(entry).map(quoteArgument).join(' ');
}
