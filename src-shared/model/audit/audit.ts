import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';

/**
 * A record of the audit trail. An action writes an `intent` before it runs and an `outcome` after it, so that
 * a crash in between is visible. `hash` covers all other fields in the order below; never change that order.
 */
export const auditRecordSchema = z.object({
  seq: z.int().positive(),
  at: instantSchema,
  phase: z.enum(['intent', 'outcome', 'event']),
  /** `seq` of the intent that this outcome completes. Null for other records. */
  intentSeq: z.int().positive().nullable(),
  operator: z.string(),
  role: z.string(),
  /** Identifies one run of the console. */
  session: z.string(),
  /** A name in `auditEvents`, or the name of an event from another version. */
  event: z.string(),
  object: z.string(),
  result: z.enum(['pending', 'ok', 'failed']),
  errorCode: z.string().nullable(),
  source: z.string(),
  destination: z.string().nullable(),
  /** The exact command line, if a command ran. It never contains secrets. */
  command: z.string().nullable(),
  reason: z.string().nullable(),
  detail: z.string(),
  previousHash: z.string(),
  hash: z.string(),
});
export type AuditRecord = z.infer<typeof auditRecordSchema>;

/**
 * An action with its outcome, or a single event. An action without an outcome is still running or was
 * interrupted.
 */
export const auditedActionSchema = z.object({
  start: auditRecordSchema,
  outcome: auditRecordSchema.nullable(),
});
export type AuditedAction = z.infer<typeof auditedActionSchema>;

export const auditVerificationSchema = z.object({
  ok: z.boolean(),
  count: z.int().nonnegative(),
  head: z.string().nullable(),
  verifiedAt: instantSchema,
  /** Set if a record does not match its hash or its neighbours. */
  broken: z.object({ seq: z.int(), why: z.string() }).nullable(),
  /** Intents without an outcome: actions that were running when the console was killed. */
  unfinished: z.array(z.int()),
});
export type AuditVerification = z.infer<typeof auditVerificationSchema>;
