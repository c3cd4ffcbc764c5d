import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { exportedGapSchema } from '../model/syslog/export/exportedGap.ts';
import { exportFormatNames } from '../model/syslog/export/exportFormats.ts';
import { maxCustomRules, redactionKindNames } from '../model/syslog/redact/redactionRules.ts';
import { maxRegexpLength } from '../model/syslog/query/logQuery.ts';
import { keptSearchSchema } from './logs.ts';
import { procedure } from './procedure.ts';

/** Gaps that a page lists **[ours]**. */
export const maxListedGaps = 20;

/** Which values to hide. `custom`: regular expressions; `users`: names besides those that the console knows. */
const redactionSchema = z.strictObject({
  kinds: z.array(z.enum(redactionKindNames)),
  custom: z.array(z.string().min(1).max(maxRegexpLength)).max(maxCustomRules),
  users: z.array(z.string().min(1).max(100)).max(100),
});

/** What is exported. `from` and `to` are the times of the first and last line; a report counts what was hidden. */
const exportSummarySchema = z.object({
  lines: z.int(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  redaction: z
    .array(z.object({ kind: z.enum(redactionKindNames), count: z.int(), distinct: z.int(), next: z.int() }))
    .nullable(),
  gapCount: z.int(),
  /** Where lines of the time range may be missing, the newest ones. The manifest has all of them. */
  gaps: z.array(exportedGapSchema).max(maxListedGaps),
});
export type LogExportSummary = z.infer<typeof exportSummarySchema>;

const previewSchema = z.object({
  /** The first lines with hidden values, or the first lines if nothing is to be hidden; long ones are cut. */
  lines: z.array(z.string()),
  summary: exportSummarySchema,
  isDone: z.boolean(),
});
export type LogExportPreview = z.infer<typeof previewSchema>;

/** How far an export is, then its archive in parts (base64), then what it contains. */
const exportPartSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), lines: z.int() }),
  z.object({ kind: z.literal('part'), base64: z.string(), sent: z.int(), bytes: z.int() }),
  z.object({
    kind: z.literal('done'),
    name: z.string(),
    files: z.array(z.object({ name: z.string(), bytes: z.int(), sha256: z.string() })),
    summary: exportSummarySchema,
  }),
]);
export type LogExportPart = z.infer<typeof exportPartSchema>;
export type RedactionChoice = z.infer<typeof redactionSchema>;

export const logExportContract = {
  /** Reads all lines of an export, and writes nothing. Rejects with INVALID_INPUT for a rule that can't be used. */
  preview: procedure('operator')
    .input(z.strictObject({ search: keptSearchSchema, redaction: redactionSchema }))
    .output(eventIterator(previewSchema)),

  /**
   * Lines, a manifest and checksums as one tar.gz. Rejects with INVALID_INPUT for more lines than a page can save, or a rule
   * that can't be used.
   */
  write: procedure('operator')
    .input(
      z.strictObject({
        search: keptSearchSchema,
        redaction: redactionSchema,
        format: z.enum(exportFormatNames),
      }),
    )
    .output(eventIterator(exportPartSchema)),
};
