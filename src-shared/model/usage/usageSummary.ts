import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';

/** A calendar month in UTC, e.g. `2026-11`. */
export const usageMonthSchema = z.string().regex(/^[2-9]\d{3}-(?:0[1-9]|1[0-2])$/u);

/** More accounts than this on one appliance are a fault of its data **[ours]**. */
export const maxUsageCount = 1_000_000_000;
/** As many connectors as a licence can name **[ours]**. */
export const maxUsageConnectors = 256;

const countSchema = z.int().nonnegative().max(maxUsageCount);
const roleCountsSchema = z.strictObject({ admin: countSchema, nonAdmin: countSchema });

/**
 * Accounts by state, internal development and role. Each account is in exactly one of the eight counts. `billable`:
 * not marked as internal, neither itself nor by its application or the licence.
 */
export const accountCountsSchema = z.strictObject({
  active: z.strictObject({ billable: roleCountsSchema, internal: roleCountsSchema }),
  inactive: z.strictObject({ billable: roleCountsSchema, internal: roleCountsSchema }),
});
export type AccountCounts = z.infer<typeof accountCountsSchema>;

/**
 * Distinct end users, who may have several accounts. An end user is a user name with its user domain; an account without
 * a user name counts as one end user **[ours]**. The four groups overlap: `active` are the end users of active accounts,
 * `total` those of all accounts; `billable` of accounts that are not internal, `all` of all. An end user is `admin` if
 * any account of the same group is an admin account, otherwise `nonAdmin`.
 */
export const endUserCountsSchema = z.strictObject({
  active: z.strictObject({ billable: roleCountsSchema, all: roleCountsSchema }),
  total: z.strictObject({ billable: roleCountsSchema, all: roleCountsSchema }),
});
export type EndUserCounts = z.infer<typeof endUserCountsSchema>;

/** Counts of one connector. `endUsers`: distinct within the connector; null if they were not counted. */
export const connectorUsageSchema = z.strictObject({
  connector: z
    .string()
    .regex(/^[a-z\d][a-z\d._-]*$/u)
    .max(64),
  accounts: accountCountsSchema,
  endUsers: endUserCountsSchema.nullable(),
});
export type ConnectorUsage = z.infer<typeof connectorUsageSchema>;

/** Changes that the counts assume, although the appliance has not made them. */
const assumedChangesSchema = z.strictObject({
  /** Accounts that are counted as internal and are not marked so. */
  markedInternal: countSchema,
  /** Accounts that are counted as inactive and are active. */
  deactivated: countSchema,
  /** The deactivated accounts had no request for this many days; null if they were chosen in another way. */
  idleDays: z.int().positive().max(3660).nullable(),
});

/**
 * Output of `ke_usage_report --kind summary` **[ours]**: all counts that pricing needs, from one consistent snapshot of
 * the database. It names no account.
 */
export const usageSummarySchema = z.strictObject({
  contract: z.literal(1),
  applianceId: z.uuid(),
  month: usageMonthSchema,
  takenAt: instantSchema,
  /** Why counts are missing, in one sentence. Null if all accounts were counted. */
  cutShort: z.string().min(1).max(512).nullable(),
  /** Null if the counts are those of the appliance as it is. */
  assumed: assumedChangesSchema.nullable().default(null),
  /** Sorted by name, each connector once. */
  connectors: z
    .array(connectorUsageSchema)
    .max(maxUsageConnectors)
    .refine((list) => new Set(list.map(({ connector }) => connector)).size === list.length),
  /** Distinct over all connectors, so less than the sum of the connectors; null if they were not counted. */
  endUsers: endUserCountsSchema.nullable(),
});
export type UsageSummary = z.infer<typeof usageSummarySchema>;
