import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';
import { documentSchema } from '../licence/documents.ts';
import { statementKindSchema } from './usageReport.ts';
import { maxUsageCount, usageMonthSchema } from './usageSummary.ts';

export const sha256Schema = z.string().regex(/^[\da-f]{64}$/u);
const numberSchema = z.int().positive().max(1_000_000);

/**
 * The manifest of a usage statement, signed by the appliance's own key **[ours]**. A statement is the signed manifest (JWS)
 * in the first line, and after it the report, byte for byte.
 */
export const usageStatementSchema = z.strictObject({
  format: z.literal(1),
  id: z.uuid(),
  applianceId: z.uuid(),
  /** Counts the appliance's statements from 1, so that a missing one is noticed. */
  number: numberSchema,
  /** SHA-256 of the manifest before; null for the first one, and if that one is not kept any more. */
  previous: sha256Schema.nullable(),
  kind: statementKindSchema,
  month: usageMonthSchema,
  madeAt: instantSchema,
  /** Of the report. */
  sha256: sha256Schema,
  bytes: z.int().positive(),
  lines: z.int().positive().max(maxUsageCount),
});
export type UsageStatement = z.infer<typeof usageStatementSchema>;

/** At most so many missing numbers are named **[ours]**. */
export const maxMissing = 100;

/** What the authority signs when it received a statement **[ours]**. */
export const usageAcknowledgementSchema = z.strictObject({
  format: z.literal(1),
  applianceId: z.uuid(),
  number: numberSchema,
  /** SHA-256 of the statement's manifest (its JWS), and of its report. */
  manifestSha256: sha256Schema,
  reportSha256: sha256Schema,
  receivedAt: instantSchema,
  /** Lower numbers that the authority has not received, lowest first. */
  missing: z.array(numberSchema).max(maxMissing),
});
export type UsageAcknowledgement = z.infer<typeof usageAcknowledgementSchema>;

/** Output of `ke_usage_report acknowledge --json`. */
export const keptAcknowledgementSchema = z.object({
  contract: z.literal(1),
  acknowledgement: usageAcknowledgementSchema,
});

/** Characters of a reason why a kept statement can't be read **[ours]**. */
export const maxDamageReason = 300;

/** Output of `ke_usage_report statements --json`: the kept statements, newest first **[ours]**. */
export const statementListSchema = z.object({
  contract: z.literal(1),
  statements: z.array(
    z.object({
      ...usageStatementSchema.pick({
        number: true,
        kind: true,
        month: true,
        madeAt: true,
        sha256: true,
        bytes: true,
        lines: true,
      }).shape,
      manifest: documentSchema,
      acknowledgement: z
        .object({ receivedAt: instantSchema, missing: z.array(numberSchema), document: documentSchema })
        .nullable(),
    }),
  ),
  /** Statements whose manifest can't be read, which are not in the list, or whose acknowledgement can't be. */
  damaged: z.array(z.object({ number: numberSchema, problem: z.string().max(maxDamageReason) })).default([]),
});
export type StatementList = z.infer<typeof statementListSchema>;

/** Output of `ke_usage_report send --json`: the statements that the authority received and acknowledged now **[ours]**. */
export const sentStatementsSchema = z.object({
  contract: z.literal(1),
  url: z.string(),
  sent: z.array(
    z.object({
      number: numberSchema,
      bytes: z.int().positive(),
      receivedAt: instantSchema,
      missing: z.array(numberSchema).max(maxMissing),
    }),
  ),
});
export type SentStatements = z.infer<typeof sentStatementsSchema>;
