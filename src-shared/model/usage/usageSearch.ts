import { z } from 'zod';
import { hashedFields } from './hashedFields.ts';
import { accountHashSchema } from './manageAccounts.ts';
import { accountLineSchema } from './usageReport.ts';
import { maxUsageCount, usageMonthSchema } from './usageSummary.ts';

/** Accounts that a search shows at most **[ours]**: many have the same user domain. */
export const maxFoundAccounts = 100;

/** Output of `ke_usage_report --kind per-user --hashed MD5` **[ours]**: accounts with this hash, as the report has them. */
export const usageSearchSchema = z.strictObject({
  contract: z.literal(1),
  month: usageMonthSchema,
  hash: accountHashSchema,
  /** Accounts of the report that have it, also those that are not shown. */
  total: z.int().nonnegative().max(maxUsageCount),
  accounts: z
    .array(
      z.strictObject({
        /** The first field that has the hash. */
        field: z.literal(Object.keys(hashedFields)),
        line: accountLineSchema,
      }),
    )
    .max(maxFoundAccounts),
});
export type UsageSearch = z.infer<typeof usageSearchSchema>;
