import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';
import { maxUsageConnectors, maxUsageCount, usageMonthSchema } from './usageSummary.ts';

/**
 * What an appliance reports: `standard` and `per-user` to bill, `ping` to prove its licence **[doc]**. `summary` has the
 * counts that a preview needs and never leaves the site **[ours]**.
 */
export const usageKinds = {
  standard: { label: 'Standard', isStatement: true },
  'per-user': { label: 'Per user', isStatement: true },
  ping: { label: 'Ping', isStatement: false },
  summary: { label: 'Summary', isStatement: false },
} as const;
export type UsageKind = keyof typeof usageKinds;
/** The kinds that are signed, sent and kept. */
export const statementKindSchema = z.enum(['standard', 'per-user']);
export type StatementKind = z.infer<typeof statementKindSchema>;

/** Reports are kept for 12 months **[doc: by the vendor; ours: by the appliance]**. */
export const usageKeptMonths = 12;

const countSchema = z.int().nonnegative().max(maxUsageCount);
const roleCountsSchema = z.strictObject({ active: countSchema, total: countSchema });
export const connectorNameSchema = z
  .string()
  .regex(/^[a-z\d][a-z\d._-]*$/u)
  .max(64);

const headShape = {
  format: z.literal(2),
  applianceId: z.uuid(),
  month: usageMonthSchema,
  /** The first instant of the month, and the first after it. */
  from: instantSchema,
  to: instantSchema,
};

/** The standard report, one line **[doc: what it counts; ours: its form]**. `connectors`: sorted by name. */
export const standardReportSchema = z.strictObject({
  kind: z.literal('standard'),
  ...headShape,
  developerAccounts: countSchema,
  hasExternalDatabase: z.boolean(),
  hasExternalRedis: z.boolean(),
  connectors: z
    .array(
      z.strictObject({ connector: connectorNameSchema, admin: roleCountsSchema, nonAdmin: roleCountsSchema }),
    )
    .max(maxUsageConnectors),
});
export type StandardReport = z.infer<typeof standardReportSchema>;

/** The first line of a per-user report. */
export const perUserHeadSchema = z.strictObject({ kind: z.literal('per-user'), ...headShape });
export type PerUserHead = z.infer<typeof perUserHeadSchema>;

/** Characters of a name; longer ones are a fault of the appliance's data **[ours]**. */
export const maxNameLength = 320;

/** Whether it is a name, with characters counted like the databases do: an emoji is one, although JavaScript counts two. */
export function isNameText(text: string): boolean {
  if (text === '' || text.length > 2 * maxNameLength) return false;
  return text.length <= maxNameLength || Array.from(text).length <= maxNameLength;
}
export const nameTextSchema = z.string().refine(isNameText);
const md5Schema = z.string().regex(/^[\da-f]{32}$/u);
/** A day in UTC: reports have no times of day, because no bill needs them **[ours]**. */
const daySchema = z.iso.date();

const accountShape = {
  active: z.boolean(),
  admin: z.boolean(),
  connector: connectorNameSchema,
  /** Null if the account never made a request. */
  lastRequest: daySchema.nullable(),
  connected: daySchema,
  updated: daySchema,
};

/** An account, one line. The four fields are MD5, or plain text for internal development, as the documentation says **[doc]**. */
export const accountLineSchema = z.discriminatedUnion('internal', [
  z.strictObject({
    account: md5Schema,
    userName: md5Schema.nullable(),
    userId: md5Schema.nullable(),
    userDomain: md5Schema.nullable(),
    ...accountShape,
    internal: z.literal(false),
  }),
  z.strictObject({
    account: nameTextSchema,
    userName: nameTextSchema.nullable(),
    userId: nameTextSchema.nullable(),
    userDomain: nameTextSchema.nullable(),
    ...accountShape,
    internal: z.literal(true),
  }),
]);
export type AccountLine = z.infer<typeof accountLineSchema>;

/** The last line of a per-user report. Without it, the report was cut off. `internal`: accounts in plain text. */
export const perUserTailSchema = z.strictObject({ accounts: countSchema, internal: countSchema });
export type PerUserTail = z.infer<typeof perUserTailSchema>;
