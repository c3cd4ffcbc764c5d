import { z } from 'zod';
import { auditedActionSchema, auditVerificationSchema } from '../model/audit/audit.ts';
import { auditChipSchema } from '../model/audit/auditEvents.ts';
import { nothing, procedure } from './procedure.ts';

export const auditContract = {
  /**
   * Newest start first. `before` is the number of a start, exclusive. `query` is searched as text in all shown fields of
   * both records; `chip` null shows every event. `count` and `head` describe the whole trail.
   */
  actions: procedure('viewer')
    .input(
      z.strictObject({
        before: z.int().positive().nullable(),
        limit: z.int().min(1).max(500),
        query: z.string().max(256),
        chip: auditChipSchema.nullable(),
      }),
    )
    .output(z.object({ actions: z.array(auditedActionSchema), count: z.int(), head: z.string().nullable() })),

  /** Reads all records and recomputes their hashes. */
  verify: procedure('viewer').input(nothing).output(auditVerificationSchema),
};
