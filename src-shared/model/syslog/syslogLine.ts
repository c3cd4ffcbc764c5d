import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';

/** Syslog severities, most urgent first; the index is the number on the wire (RFC 5424, 6.2.1). */
export const severities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;
export type Severity = (typeof severities)[number];

/**
 * One line of an appliance's syslog. `message` is what is left once time, host and program are taken off; a line of
 * unknown layout keeps everything there. `severityFrom` says whether the line carried it or its words suggest it.
 */
export const syslogLineSchema = z.object({
  /** Grows by one a line within one appliance and one run of the console. */
  seq: z.int().nonnegative(),
  applianceId: z.uuid(),
  receivedAt: instantSchema,
  time: instantSchema.nullable(),
  host: z.string().nullable(),
  program: z.string().nullable(),
  pid: z.int().nullable(),
  severity: z.enum(severities).nullable(),
  severityFrom: z.enum(['line', 'words']).nullable(),
  message: z.string(),
  /** `line` came from the log; `gap` marks where lines may be missing, its message says why. */
  kind: z.enum(['line', 'gap']),
});
export type SyslogLine = z.infer<typeof syslogLineSchema>;
