import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';

/** Syslog severities, most urgent first; the index is the number on the wire (RFC 5424, 6.2.1). */
export const severities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;
export type Severity = (typeof severities)[number];

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
