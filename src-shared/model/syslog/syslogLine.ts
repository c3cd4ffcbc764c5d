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
  message: z.string(),
  /** `line` is from the log. `gap` marks missing lines; its message says why. */
  kind: z.enum(['line', 'gap']),
});
export type SyslogLine = z.infer<typeof syslogLineSchema>;
