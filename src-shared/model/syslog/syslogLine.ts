import { z } from 'zod';
import { paddingPattern } from '../../base/padding.ts';
import { instantSchema } from '../../base/time.ts';

/** Syslog severities, most urgent first; the index is the number on the wire (RFC 5424, 6.2.1). */
export const severities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;
export type Severity = (typeof severities)[number];

/** Each severity as text: `name` in full, `short` for columns. */
export const severityNames: Record<Severity, { name: string; short: string }> = {
  emerg: { name: 'Emergency', short: 'emerg' },
  alert: { name: 'Alert', short: 'alert' },
  crit: { name: 'Critical', short: 'crit' },
  err: { name: 'Error', short: 'err' },
  warning: { name: 'Warning', short: 'warn' },
  notice: { name: 'Notice', short: 'notice' },
  info: { name: 'Informational', short: 'info' },
  debug: { name: 'Debug', short: 'debug' },
};

/** Syslog facilities: `short` as rsyslog and queries name them. The index is the number on the wire (RFC 5424, 6.2.1). */
export const facilities: readonly { short: string; name: string }[] = [
  { short: 'kern', name: 'kernel' },
  { short: 'user', name: 'user' },
  { short: 'mail', name: 'mail' },
  { short: 'daemon', name: 'system daemons' },
  { short: 'auth', name: 'security (auth)' },
  { short: 'syslog', name: 'syslog' },
  { short: 'lpr', name: 'printing' },
  { short: 'news', name: 'news' },
  { short: 'uucp', name: 'uucp' },
  { short: 'cron', name: 'clock (cron)' },
  { short: 'authpriv', name: 'security (authpriv)' },
  { short: 'ftp', name: 'ftp' },
  { short: 'ntp', name: 'ntp' },
  { short: 'audit', name: 'log audit' },
  { short: 'alert', name: 'log alert' },
  { short: 'clock', name: 'clock' },
  ...Array.from({ length: 8 }, (_, index) => ({ short: `local${index}`, name: `local${index}` })),
];

/** The text for padding that stood before the line, or nothing. */
export function paddingBefore({ head }: Pick<SyslogLine, 'head'>): string {
  return paddingPattern.exec(head)?.[0] ?? '';
}

/** The program with its process ID, e.g. `sshd[7]`, as the line has it: the ID may be other than a number. */
export function programText({ head, program, pid }: Pick<SyslogLine, 'head' | 'program' | 'pid'>): string {
  if (program === null) return '';
  if (pid !== null) return `${program}[${pid}]`;
  return head.slice(head.lastIndexOf(program)).match(/^.+\](?=: ?$)/su)?.[0] ?? program;
}

/** The facility that the line's `<PRI>` names; null if the line has none, as in files that rsyslog writes by default. */
export function findFacility({ head }: Pick<SyslogLine, 'head'>): (typeof facilities)[number] | null {
  const priority = /^<(\d{1,3})>/u.exec(head.slice(paddingBefore({ head }).length))?.[1];
  return priority === undefined ? null : (facilities[Math.floor(Number(priority) / 8)] ?? null);
}

/** Its name for people. */
export function facilityOf(line: Pick<SyslogLine, 'head'>): string | null {
  return findFacility(line)?.name ?? null;
}

/**
 * A line of an appliance's syslog. `message` is the text after time, host and program, or all of a line of
 * unknown format. `severityFrom`: read from the `line`, or guessed from its `words`.
 */
export const syslogLineSchema = z.object({
  /** Increases by one with each line. Starts again for each appliance and each run of the console. */
  seq: z.int().nonnegative(),
  applianceId: z.uuid(),
  receivedAt: instantSchema,
  time: instantSchema.nullable(),
  host: z.string().nullable(),
  program: z.string().nullable(),
  pid: z.int().nullable(),
  severity: z.enum(severities).nullable(),
  severityFrom: z.enum(['line', 'words']).nullable(),
  /** The text before `message`, as the appliance wrote it. `head + message` is the whole line. */
  head: z.string(),
  message: z.string(),
  /** `line`: a line of the log. `gap`: lines are missing here, and `message` says why. */
  kind: z.enum(['line', 'gap']),
});
export type SyslogLine = z.infer<typeof syslogLineSchema>;

/** The line as the appliance wrote it. */
export function rawLine({ head, message }: Pick<SyslogLine, 'head' | 'message'>): string {
  return `${head}${message}`;
}

/**
 * How many digits of the second to show, at most three because an instant has no more. Always three for the
 * time of arrival.
 */
export function timeDigits({ head, time }: Pick<SyslogLine, 'head' | 'time'>): number {
  if (time === null) return 3;
  return Math.min(3, /\d:\d{2}:\d{2}[.,](\d+)/u.exec(head)?.[1]?.length ?? 0);
}
