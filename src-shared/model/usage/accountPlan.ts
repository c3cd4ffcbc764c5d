import { z } from 'zod';
import { accountHashSchema, maxIdleDays } from './manageAccounts.ts';
import { maxUsageCount, usageSummarySchema } from './usageSummary.ts';

/** Accounts that a plan names by their hashes at most: a person looks at each name before it goes out **[ours]**. */
export const maxPlannedAccounts = 1000;
/** Bytes of the steps as JSON: 1,000 hashes have about 35 kB. */
export const maxPlanBytes = 256 * 1024;

const countSchema = z.int().nonnegative().max(maxUsageCount);

/** Which accounts a step takes. */
const accountChoiceSchema = z.union([
  z.strictObject({ application: z.int().positive().max(maxUsageCount) }),
  z.strictObject({ idleDays: z.int().positive().max(maxIdleDays) }),
  z.strictObject({ hashes: z.array(accountHashSchema).min(1).max(maxPlannedAccounts) }),
]);

/** An application can be marked and unmarked; accounts without requests can only be deactivated. */
export const accountStepSchema = z
  .strictObject({ action: z.enum(['mark-internal', 'unmark', 'deactivate']), accounts: accountChoiceSchema })
  .refine(({ action, accounts }) => !('application' in accounts && action === 'deactivate'))
  .refine(({ action, accounts }) => !('idleDays' in accounts) || action === 'deactivate');
export type AccountStep = z.infer<typeof accountStepSchema>;
const isMark = ({ action }: AccountStep) => action !== 'deactivate';

/** At most one step about marks and one that deactivates, so that no step depends on the one before it. */
export const accountStepsSchema = z
  .array(accountStepSchema)
  .min(1)
  .refine((steps) => steps.filter(isMark).length <= 1 && steps.filter((step) => !isMark(step)).length <= 1);

export const planDigestSchema = z.string().regex(/^[\da-f]{64}$/u);

/**
 * Output of `ke_manage_accounts plan|apply --json` **[ours]**. `digest`: SHA-256 of the steps and of the accounts that they
 * change; `apply` refuses with CONFLICT if it is another one. Counts come from one consistent state. It names no account.
 */
export const accountPlanSchema = z.object({
  contract: z.literal(1),
  isApplied: z.boolean(),
  digest: planDigestSchema,
  /** The counts of the present month before the steps. Null if they were applied. */
  before: usageSummarySchema.nullable(),
  steps: z.array(
    z.object({
      action: z.enum(['mark-internal', 'unmark', 'deactivate']),
      /** Accounts that the step changes. An account with a mark of its own is not changed by that of its application. */
      changed: countSchema,
      /** Accounts that are so already. */
      unchanged: countSchema,
      /** The hashes of changed accounts, for steps that name accounts: what an undo has to name. */
      changedHashes: z.array(accountHashSchema).max(maxPlannedAccounts).nullable(),
      /** The counts as if this step and those before it were made. Null if they were applied. */
      after: usageSummarySchema.nullable(),
    }),
  ),
});
export type AccountPlan = z.infer<typeof accountPlanSchema>;

/** What logs and the audit trail say of steps: how many accounts, and no account. */
export function describeSteps(steps: readonly AccountStep[]): string {
  return steps
    .map(({ action, accounts }) => {
      if ('application' in accounts) return `${action} of application ${accounts.application}`;
      if ('idleDays' in accounts) return `${action} after ${accounts.idleDays} days without requests`;
      return `${action} of ${accounts.hashes.length} named accounts`;
    })
    .join(', ');
}
