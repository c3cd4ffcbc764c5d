import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { instantSchema } from '../base/time.ts';
import { errorCodeSchema } from '../errorCodes.ts';
import { connectorChangeSchema } from '../model/billing/connectorChanges.ts';
import { invoiceComparisonSchema } from '../model/billing/compareInvoices.ts';
import { amountSchema, invoiceSchema } from '../model/billing/invoice.ts';
import { projectionSchema } from '../model/billing/projectMonth.ts';
import { billingThresholdSchema, thresholdCheckSchema } from '../model/billing/thresholds.ts';
import { usageMonthSchema, usageSummarySchema } from '../model/usage/usageSummary.ts';
import {
  foundAccountsSchema,
  maxReportRows,
  reportPartSchema,
  rowFilterSchema,
  searchHashesSchema,
} from '../model/usage/reportRows.ts';
import { statementKindSchema } from '../model/usage/usageReport.ts';
import { maxUsageCount } from '../model/usage/usageSummary.ts';
import { nothing, procedure } from './procedure.ts';

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
  /** The amount above which to warn, and how the amounts of this month stand to it. Null if none is set. */
  threshold: thresholdCheckSchema.extend({ threshold: billingThresholdSchema }).nullable(),
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
export const sideSchema = z.object({
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

/** Kept counts of one day, for charts. `day`: the last one of the month for counts of a month that was over. */
const historyPointSchema = z.object({
  day: z.iso.date(),
  connectors: z.array(z.object({ connector: z.string(), active: z.int(), total: z.int() })),
});
export type HistoryPoint = z.infer<typeof historyPointSchema>;

/** One appliance of a fleet. `error`: why there is no amount now; then `takenAt` and `total` are the last good ones. */
const fleetRowSchema = z.object({
  applianceId: z.uuid(),
  name: z.string(),
  takenAt: instantSchema.nullable(),
  currency: z.string().nullable(),
  accounts: z.int().nullable(),
  internal: z.int().nullable(),
  total: amountSchema.nullable(),
  projected: amountSchema.nullable(),
  error: problemSchema.nullable(),
});
export type FleetUsageRow = z.infer<typeof fleetRowSchema>;

const fleetSchema = z.object({
  appliances: z.array(fleetRowSchema),
  /** The sum of the present amounts by currency. An appliance without one is in `missing`, never counted as 0. */
  totals: z.array(
    z.object({
      currency: z.string(),
      sum: z.string().nullable(),
      appliances: z.int(),
      isComplete: z.boolean(),
    }),
  ),
  missing: z.array(
    z.object({
      applianceId: z.uuid(),
      name: z.string(),
      currency: z.string().nullable(),
      code: errorCodeSchema,
      reason: z.string(),
    }),
  ),
  isComplete: z.boolean(),
});
export type FleetUsage = z.infer<typeof fleetSchema>;

/** How far an export is, its archive in parts (base64), then what it contains. */
const exportPartSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress') }),
  z.object({ kind: z.literal('part'), base64: z.string(), sent: z.int(), bytes: z.int() }),
  z.object({
    kind: z.literal('done'),
    name: z.string(),
    number: z.int(),
    sha256: z.string(),
    /** Null if the console knows no key of the appliance. */
    isSigned: z.boolean().nullable(),
    files: z.array(z.object({ name: z.string(), bytes: z.int(), sha256: z.string() })),
  }),
]);
export type StatementExportPart = z.infer<typeof exportPartSchema>;

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
  /** Warns above an amount of a month; null for no warning. */
  setThreshold: procedure('operator')
    .input(z.strictObject({ applianceId: z.uuid(), threshold: billingThresholdSchema.nullable() }))
    .output(nothing),
  /** Counts and prices the present month of all appliances. */
  fleet: procedure('viewer')
    .input(nothing)
    .output(z.object({ fleet: fleetSchema })),
  history: procedure('viewer')
    .input(z.strictObject({ applianceId: z.uuid() }))
    .output(z.object({ points: z.array(historyPointSchema) })),

  /**
   * The rows of the per-user report, as it would be sent: those in plain text, and `limit` of the others after `skip`. The
   * whole report is read and checked. Rejects like `sallyport usage report`.
   */
  rows: procedure('operator')
    .input(
      byMonth.extend({
        filter: rowFilterSchema,
        skip: z.int().nonnegative().max(maxUsageCount),
        limit: z.int().positive().max(maxReportRows),
      }),
    )
    .output(eventIterator(reportPartSchema)),
  /** Searches the report for one account. Only hashes are sent, which the page makes of the text. */
  find: procedure('operator')
    .input(byMonth.extend({ hashes: searchHashesSchema }))
    .output(foundAccountsSchema),
  /** A short report, byte for byte. The licence key of a ping is masked. */
  shortReport: procedure('operator')
    .input(byMonth.extend({ kind: z.enum(['standard', 'ping']) }))
    .output(z.object({ text: z.string() })),

  /** Lets the appliance sign a report with its next number. Sends it, its manifest and checksums as one tar.gz. */
  exportStatement: procedure('operator')
    .input(z.strictObject({ applianceId: z.uuid(), month: usageMonthSchema, kind: statementKindSchema }))
    .output(eventIterator(exportPartSchema)),
};
