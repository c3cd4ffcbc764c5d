import { z } from 'zod';
import { instantSchema } from '../base/time.ts';
import { reasonSchema } from '../model/audit/reason.ts';
import { amountSchema } from '../model/billing/invoice.ts';
import { projectionSchema } from '../model/billing/projectMonth.ts';
import { reconciliationSchema } from '../model/billing/reconcile.ts';
import { columnMappingSchema, maxVendorBytes } from '../model/billing/vendorInvoice.ts';
import { pricedWhatIfSchema } from '../model/billing/whatIf.ts';
import {
  accountStepsSchema,
  accountStepSchema,
  maxPlannedAccounts,
  planDigestSchema,
} from '../model/usage/accountPlan.ts';
import {
  accountHashSchema,
  accountListSchema,
  applicationListSchema,
  maxAccountPage,
  maxIdleDays,
} from '../model/usage/manageAccounts.ts';
import { maxUsageCount, usageMonthSchema } from '../model/usage/usageSummary.ts';
import { procedure } from './procedure.ts';
import { sideSchema } from './usage.ts';

const byAppliance = z.strictObject({ applianceId: z.uuid() });
const applicationSchema = z.int().positive().max(maxUsageCount);

/** What applying a what-if would do. It names accounts by hashes only. */
const changeCardSchema = z.object({
  /** Of the accounts that are changed: `apply` rejects with CONFLICT if these are other ones by then. */
  digest: planDigestSchema,
  steps: z.array(accountStepSchema),
  /** Exactly as it will run. The steps go to its stdin, because other users could see its arguments. */
  command: z.string(),
  changes: z.array(z.object({ text: z.string(), changed: z.int(), unchanged: z.int() })),
  warnings: z.array(z.string()),
  /** `steps` undo what can be undone; null if nothing can. */
  undo: z.object({ steps: z.array(accountStepSchema).nullable(), text: z.string() }),
});
export type AccountChangeCard = z.infer<typeof changeCardSchema>;

/** `hashes`: MD5 of account IDs. An application takes all of its accounts. */
const marksSchema = z.union([
  z.strictObject({ hashes: z.array(accountHashSchema).min(1).max(maxPlannedAccounts) }),
  z.strictObject({ application: applicationSchema }),
]);

const whatIfSchema = z.object({
  applianceId: z.uuid(),
  name: z.string(),
  takenAt: instantSchema,
  /** Whether the licence permits marks as internal development. */
  permitsMarks: z.boolean(),
  priced: pricedWhatIfSchema,
  /** The bills at the end of the month, if both grow like the kept counts. Null on its last day. */
  projected: z.object({ before: projectionSchema.nullable(), after: projectionSchema.nullable() }),
  /** Each plan of the licence with its total for the accounts after the steps. */
  plans: z.array(z.object({ id: z.string(), label: z.string(), currency: z.string(), total: amountSchema })),
  /** Null if no account would be changed: only the vendor changes a plan, by the next licence. */
  change: changeCardSchema.nullable(),
});
export type WhatIf = z.infer<typeof whatIfSchema>;

const appliedSchema = z.object({
  /** `unknown`: the connection was lost, and the appliance could not be asked. */
  state: z.enum(['done', 'unknown']),
  message: z.string(),
});
export type AppliedAccounts = z.infer<typeof appliedSchema>;

const reconciledSchema = sideSchema.extend({
  applianceId: z.uuid(),
  name: z.string(),
  reconciliation: reconciliationSchema,
});
export type Reconciled = z.infer<typeof reconciledSchema>;

/** What-ifs, changes of accounts, and reconciliation. `usage.ts` has what only reads. */
export const usageChangesContract = {
  /** The applications of an appliance with their numbers of accounts. */
  applications: procedure('operator')
    .input(byAppliance)
    .output(z.object({ applications: applicationListSchema })),
  /** A page of active and inactive accounts. Names are read on request, recorded, and never kept. */
  accounts: procedure('operator')
    .input(
      byAppliance.extend({
        application: applicationSchema.nullable(),
        idleDays: z.int().positive().max(maxIdleDays).nullable(),
        hasNames: z.boolean(),
        skip: z.int().nonnegative().max(maxUsageCount),
        limit: z.int().positive().max(maxAccountPage),
      }),
    )
    .output(z.object({ listed: accountListSchema })),
  /**
   * The bill and the names in plain text before and after changes that the appliance rehearses. Changes nothing. Rejects with
   * LICENCE_FORBIDS if the licence permits no marks.
   */
  whatIf: procedure('operator')
    .input(
      byAppliance.extend({
        marks: marksSchema.nullable(),
        idleDays: z.int().positive().max(maxIdleDays).nullable(),
        planId: z.string().max(64).nullable(),
      }),
    )
    .output(z.object({ whatIf: whatIfSchema })),
  /** Plans steps without prices, such as the undo of an applied card. */
  plan: procedure('operator')
    .input(byAppliance.extend({ steps: accountStepsSchema }))
    .output(z.object({ change: changeCardSchema })),
  /** Makes all steps of a card or none. Rejects with CONFLICT and APPLIANCE_LOCKED; then nothing was changed. */
  apply: procedure('admin')
    .input(byAppliance.extend({ steps: accountStepsSchema, digest: planDigestSchema, reason: reasonSchema }))
    .output(z.object({ applied: appliedSchema })),
  /** Compares the text of a vendor’s CSV file with a month. Stores nothing. */
  reconcile: procedure('viewer')
    .input(
      byAppliance.extend({
        month: usageMonthSchema,
        text: z.string().max(maxVendorBytes),
        mapping: columnMappingSchema,
      }),
    )
    .output(z.object({ reconciled: reconciledSchema })),
};
