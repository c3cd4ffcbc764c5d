import { z } from 'zod';
import { accountLineSchema, nameTextSchema } from './usageReport.ts';
import { maxUsageCount } from './usageSummary.ts';

const countSchema = z.int().nonnegative().max(maxUsageCount);
export const accountHashSchema = z.string().regex(/^[\da-f]{32}$/u);

/** Accounts of one page at most **[ours]**. */
export const maxAccountPage = 500;
/** Accounts that one change names by their hashes at most; their list has 33 bytes for each **[ours]**. */
export const maxNamedAccounts = 100_000;
export const maxIdleDays = 3660;

/** Output of `ke_manage_accounts list --json` **[ours]**. Names are in it only if `--names` asks for them. */
export const accountListSchema = z.object({
  contract: z.literal(1),
  /** Accounts that match, on all pages. */
  total: countSchema,
  skipped: countSchema,
  accounts: z
    .array(
      z.object({
        /** MD5 of the account ID, also of internal development: how a change names the account. */
        hash: accountHashSchema,
        /** As the report of this month has it: hashed, or in plain text for internal development. */
        line: accountLineSchema,
        application: z.object({ number: z.int().positive(), name: nameTextSchema }),
        /** What is marked as internal, also if the licence doesn't permit the mark and the account is hashed. */
        markedBy: z.enum(['account', 'application']).nullable(),
        names: z
          .object({
            account: nameTextSchema,
            userName: nameTextSchema.nullable(),
            userId: nameTextSchema.nullable(),
            userDomain: nameTextSchema.nullable(),
          })
          .nullable(),
      }),
    )
    .max(maxAccountPage),
});
export type AccountList = z.infer<typeof accountListSchema>;

/** Applications that a list has at most **[ours]**. */
export const maxApplications = 500;

/** Output of `ke_manage_accounts applications --json` **[ours]**. */
export const applicationListSchema = z.object({
  contract: z.literal(1),
  /** False if there are more applications than a list has. */
  isComplete: z.boolean(),
  applications: z
    .array(
      z.object({
        number: z.int().positive(),
        name: nameTextSchema,
        /** Whether the application is marked as internal, with all of its accounts. */
        isMarked: z.boolean(),
        accounts: countSchema,
        active: countSchema,
      }),
    )
    .max(maxApplications),
});
export type ApplicationList = z.infer<typeof applicationListSchema>;

/** Which accounts a list shows. */
export type AccountFilter = {
  connector: string | null;
  application: number | null;
  state: 'active' | 'inactive' | null;
  isMarked: boolean;
  idleDays: number | null;
  /** MD5 of a user name, user ID, user domain or account ID. */
  hash: string | null;
};

export const accountActions = {
  'mark-internal': { done: 'marked as internal', needsPermission: true },
  unmark: { done: 'unmarked', needsPermission: false },
  deactivate: { done: 'deactivated', needsPermission: false },
} as const;
export type AccountAction = keyof typeof accountActions;

/** Output of `ke_manage_accounts mark-internal|unmark|deactivate --json` **[ours]**. */
export const accountChangeSchema = z.object({
  contract: z.literal(1),
  action: z.enum(['mark-internal', 'unmark', 'deactivate']),
  what: z.enum(['accounts', 'application']),
  isDryRun: z.boolean(),
  changed: countSchema,
  /** Named ones that were so already. */
  unchanged: countSchema,
});
export type AccountChange = z.infer<typeof accountChangeSchema>;

/** Output of `ke_manage_accounts init --json` **[ours]**. */
export const accountInitSchema = z.object({
  contract: z.literal(1),
  /** The file or the address of the database. Null if there is none and none was to be made. */
  place: z.string().max(1024).nullable(),
  /** How many migrations ran. 0 if the tables were up to date. */
  migrations: z.int().nonnegative(),
});
export type AccountInit = z.infer<typeof accountInitSchema>;
