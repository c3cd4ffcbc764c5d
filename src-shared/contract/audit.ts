import { z } from 'zod';
import { auditRecordSchema, auditVerdictSchema } from '../model/audit/audit.ts';
import { nothing, procedure } from './procedure.ts';

export const auditContract = {
  /** Newest first. `before` is exclusive; `query` is searched as text in all shown fields. */
  list: procedure('viewer')
    .input(
      z.strictObject({
        before: z.int().positive().nullable(),
        limit: z.int().min(1).max(500),
        query: z.string().max(256),
      }),
    )
    .output(z.object({ records: z.array(auditRecordSchema), total: z.int(), head: z.string().nullable() })),

  /** Reads all records and recomputes their hashes. */
  verify: procedure('viewer').input(nothing).output(auditVerdictSchema),
};
