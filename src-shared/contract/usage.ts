import { z } from 'zod';
import { instantSchema } from '../base/time.ts';
import { errorCodeSchema } from '../errorCodes.ts';
import { connectorChangeSchema } from '../model/billing/connectorChanges.ts';
import { invoiceComparisonSchema } from '../model/billing/compareInvoices.ts';
import { invoiceSchema } from '../model/billing/invoice.ts';
import { projectionSchema } from '../model/billing/projectMonth.ts';
import { usageMonthSchema, usageSummarySchema } from '../model/usage/usageSummary.ts';
import { procedure } from './procedure.ts';

/** A month of one appliance; null is the appliance’s present one. */
const byMonth = z.strictObject({ applianceId: z.uuid(), month: usageMonthSchema.nullable() });

const problemSchema = z.object({ code: errorCodeSchema, message: z.string() });
const pricedSchema = z.union([
  z.object({ invoice: invoiceSchema, error: z.null() }),
  z.object({ invoice: z.null(), error: problemSchema }),
]);

/** `error` says why there is no invoice or no total; then `lastGood` has the last complete counts, if any are kept. */
const previewSchema = z.object({
  applianceId: z.uuid(),
  name: z.string(),
  summary: usageSummarySchema.nullable(),
  invoice: invoiceSchema.nullable(),
  error: problemSchema.nullable(),
  /** Null for a month that is over, and without an invoice. */
  projection: projectionSchema.nullable(),
  lastGood: z
    .intersection(
      pricedSchema,
      z.object({
        month: usageMonthSchema,
        takenAt: instantSchema,
        ageSeconds: z.int(),
        summary: usageSummarySchema,
      }),
    )
    .nullable(),
});
export type UsagePreviewView = z.infer<typeof previewSchema>;

/** One of two compared months. `error`: why kept counts are used. */
const sideSchema = z.object({
  month: usageMonthSchema,
  takenAt: instantSchema,
  ageSeconds: z.int(),
  source: z.enum(['appliance', 'kept']),
  planSource: z.enum(['licence', 'kept']),
  error: problemSchema.nullable(),
  invoice: invoiceSchema,
});

const comparisonSchema = z.object({
  applianceId: z.uuid(),
  name: z.string(),
  before: sideSchema,
  after: sideSchema,
  /** Of the amounts to date. */
  comparison: invoiceComparisonSchema,
  /** Of the month before and the projected end of this one; null without a projection. */
  projected: invoiceComparisonSchema.nullable(),
  /** By the key of the line, of `projected` if there is one. Lines whose units did not change are not in it. */
  causes: z.record(z.string(), z.array(connectorChangeSchema)),
});
export type UsageComparison = z.infer<typeof comparisonSchema>;

/** What leaves an appliance for billing, and the bill that follows. */
export const usageContract = {
  /** Counts and prices a month. Resolves with an error for each part that failed. */
  preview: procedure('viewer')
    .input(byMonth)
    .output(z.object({ preview: previewSchema })),
  /**
   * Why the bill differs from that of the month before. Uses kept counts if the appliance can’t count, and rejects with its
   * error if none are kept.
   */
  compare: procedure('viewer')
    .input(byMonth)
    .output(z.object({ compared: comparisonSchema })),
};
