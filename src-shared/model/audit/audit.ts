import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';

/**
 * A record of the audit trail. An action writes an `intent` before it runs and an `outcome` after it, so that a crash
 * between the two shows. `hash` covers every other field in the order below, which must never change.
 */
export const auditRecordSchema = z.object({
  seq: z.int().positive(),
  at: instantSchema,
  phase: z.enum(['intent', 'outcome', 'event']),
  /** The intent that this outcome completes. */
  intentSeq: z.int().positive().nullable(),
  operator: z.string(),
  role: z.string(),
  /** One run of the console. */
  session: z.string(),
  /** One of `auditEvents`, or of an older or newer version. */
  event: z.string(),
  object: z.string(),
  result: z.enum(['pending', 'ok', 'failed']),
  errorCode: z.string().nullable(),
  source: z.string(),
  destination: z.string().nullable(),
  /** The exact command line, where one ran; secrets never are part of one. */
  command: z.string().nullable(),
  reason: z.string().nullable(),
  detail: z.string(),
  previousHash: z.string(),
  hash: z.string(),
});
export type AuditRecord = z.infer<typeof auditRecordSchema>;

export const auditVerdictSchema = z.object({
  ok: z.boolean(),
  count: z.int().nonnegative(),
  head: z.string().nullable(),
  verifiedAt: instantSchema,
  /** Set when something does not fit. */
  broken: z.object({ seq: z.int(), why: z.string() }).nullable(),
  /** Intents without an outcome: what ran when the console was killed. */
  unfinished: z.array(z.int()),
});
export type AuditVerdict = z.infer<typeof auditVerdictSchema>;
