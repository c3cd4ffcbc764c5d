import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';

/** Syslog severities, most urgent first; the index is the number on the wire (RFC 5424, 6.2.1). */
export const severities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;
export type Severity = (typeof severities)[number];

/**
 * One line of an appliance's syslog. `message` is the rest after time, host and program; a line of unknown format keeps
 * everything there. `severityFrom` says whether the line contained its severity or its words suggest it.
 */
export const syslogLineSchema = z.object({
  /** Increases by one per line, within one appliance and one run of the console. */
  seq: z.int().nonnegative(),
  applianceId: z.uuid(),
  receivedAt: instantSchema,
  time: instantSchema.nullable(),
  host: z.string().nullable(),
  program: z.string().nullable(),
  pid: z.int().nullable(),
  severity: z.enum(severities).nullable(),
  severityFrom: z.enum(['line', 'words']).nullable(),
  /** What the appliance wrote before `message`, so that the two together are its line. */
  head: z.string(),
  message: z.string(),
  /** `line` is from the log. `gap` marks missing lines; its message says why. */
  kind: z.enum(['line', 'gap']),
});
export type SyslogLine = z.infer<typeof syslogLineSchema>;

/** The line as the appliance wrote it. */
export function rawLine({ head, message }: Pick<SyslogLine, 'head' | 'message'>): string {
  return `${head}${message}`;
}

/** How many digits of a second the line's own time has, at most three as instants keep no more; three on arrival. */
export function timeDigits({ head, time }: Pick<SyslogLine, 'head' | 'time'>): number {
  if (time === null) return 3;
  return Math.min(3, /\d:\d{2}:\d{2}[.,](\d+)/u.exec(head)?.[1]?.length ?? 0);
}
