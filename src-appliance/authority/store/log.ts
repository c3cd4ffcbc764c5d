import { z } from 'zod';
import { instantSchema } from '../../../src-shared/base/time.ts';
import type { AuthorityDatabase } from './database.ts';

const actionSchema = z.enum([
  'key-created',
  'key-signs',
  'key-retired',
  'appliance-added',
  'appliance-changed',
  'identity-pinned',
  'identity-forgotten',
  'licence-issued',
  'receipt-recorded',
  'usage-received',
  'appliance-revoked',
  'appliance-reinstated',
]);
export type LogAction = z.infer<typeof actionSchema>;

/** A column that contains JSON. */
export function jsonColumn<Value>(schema: z.ZodType<Value>) {
  return z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema);
}

const logEntrySchema = z.object({
  number: z.int(),
  at: instantSchema,
  action: actionSchema,
  applianceId: z.string().nullable(),
  detail: jsonColumn(z.record(z.string(), z.unknown())),
});
export type LogEntry = z.infer<typeof logEntrySchema>;

export type AuthorityLog = {
  /** Call it in the transaction of the change, so that neither exists without the other. */
  append: (action: LogAction, applianceId: string | null, detail: Record<string, unknown>) => void;
  /** The newest `limit` entries, oldest first. */
  read: (options: { limit: number; applianceId?: string }) => LogEntry[];
};

export function createLog(database: AuthorityDatabase, now: () => number): AuthorityLog {
  return {
    append: (action, applianceId, detail) =>
      void database.run(
        'INSERT INTO log (at, action, applianceId, detail) VALUES (?, ?, ?, ?)',
        new Date(now()).toISOString(),
        action,
        applianceId,
        JSON.stringify(detail),
      ),
    read: ({ limit, applianceId = null }) =>
      database
        .all(
          logEntrySchema,
          'SELECT * FROM log WHERE ? IS NULL OR applianceId = ? ORDER BY number DESC LIMIT ?',
          applianceId,
          applianceId,
          limit,
        )
        .toReversed(),
  };
}
