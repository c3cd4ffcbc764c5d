import { z } from 'zod';
import { auditedActionSchema, auditVerificationSchema } from '../model/audit/audit.ts';
import { auditChipSchema } from '../model/audit/auditEvents.ts';
import { nothing, procedure } from './procedure.ts';

export const auditContract = {
  /**
   * Actions and events, newest first. `before` returns only entries with a smaller sequence number. `query`
   * searches all shown fields of intent and outcome; `chip` null includes every event. `count` and `head` are
   * of the whole trail.
   */
  actions: procedure('viewer')
    .input(
      z.strictObject({
        before: z.int().positive().nullable(),
        limit: z.int().min(1).max(500),
        // SQLite ends a text at NUL, so the rest of the query would be ignored.
        query: z
          .string()
          .max(256)
          .refine((query) => !query.includes('\0'), 'text without NUL'),
        chip: auditChipSchema.nullable(),
      }),
    )
    .output(z.object({ actions: z.array(auditedActionSchema), count: z.int(), head: z.string().nullable() })),

  /** Reads all records and recomputes their hashes to find changed or missing records. */
  verify: procedure('viewer').input(nothing).output(auditVerificationSchema),
};
