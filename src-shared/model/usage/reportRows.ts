import { z } from 'zod';
import { hashedFields, hashField, type HashedField } from './hashedFields.ts';
import { accountLineSchema, type AccountLine } from './usageReport.ts';

/** Rows of a page, apart from those in plain text **[ours]**. */
export const maxReportRows = 5000;
/** Rows in plain text that are listed first; more are counted **[ours]**. */
export const maxPlainRows = 2000;
/** Accounts that a search lists; more are counted **[ours]**. */
export const maxFoundRows = 20;

/** Which rows of a per-user report are shown. The fields mean the same as in a selection of an invoice line. */
export const rowFilterSchema = z.strictObject({
  activity: z.enum(['active', 'inactive', 'total']),
  role: z.enum(['all', 'admin', 'nonAdmin']),
  internal: z.enum(['billable', 'internal', 'all']),
  connectors: z.array(z.string().max(64)).max(256).nullable(),
  /** Only accounts that were connected on this day or later; null for all. */
  connectedSince: z.iso.date().nullable(),
});
export type RowFilter = z.infer<typeof rowFilterSchema>;

export const everyRow: RowFilter = {
  activity: 'total',
  role: 'all',
  internal: 'all',
  connectors: null,
  connectedSince: null,
};

/** Whether a row of a report belongs to a selection of accounts. */
export function matchesRow(
  { activity, role, internal, connectors, connectedSince }: RowFilter,
  account: AccountLine,
): boolean {
  return (
    (activity === 'total' || (activity === 'active') === account.active) &&
    (role === 'all' || (role === 'admin') === account.admin) &&
    (internal === 'all' || (internal === 'internal') === account.internal) &&
    (connectors?.includes(account.connector) ?? true) &&
    (connectedSince === null || account.connected >= connectedSince)
  );
}

/** Rows that were read since the last part, and how many there were so far. The last part has `isDone`. */
export const reportPartSchema = z.object({
  plain: z.array(accountLineSchema),
  hashed: z.array(accountLineSchema),
  /** Accounts of the report that were read so far. */
  read: z.int(),
  /** Those of them that match the filter, and that are in plain text. */
  matched: z.int(),
  plainMatched: z.int(),
  isDone: z.boolean(),
});
export type ReportPart = z.infer<typeof reportPartSchema>;

const hashSchema = z.string().regex(/^[\da-f]{32}$/u);
/** The hashes of what is searched, by the field that it could be in. The text itself is never sent. */
export const searchHashesSchema = z.strictObject({
  account: hashSchema.nullable(),
  userName: hashSchema.nullable(),
  userId: hashSchema.nullable(),
  userDomain: hashSchema.nullable(),
} satisfies Record<HashedField, z.ZodType>);
export type SearchHashes = z.infer<typeof searchHashesSchema>;

const fieldNames = searchHashesSchema.keyof().options;
export const hashedFieldSchema = z.enum(fieldNames);

/** Hashes a text as each field would be. Runs in the page, so that the text stays there. */
export function hashSearch(text: string): SearchHashes {
  return {
    // Only digits can be an account ID.
    account: /^\d+$/u.test(text.trim()) ? hashField('account', text.trim()) : null,
    userName: hashField('userName', text),
    userId: hashField('userId', text.trim()),
    userDomain: hashField('userDomain', text),
  };
}

export const foundAccountsSchema = z.object({
  found: z.array(z.object({ account: accountLineSchema, fields: z.array(hashedFieldSchema) })),
  /** All accounts that were found; only the first ones are listed. */
  count: z.int(),
  /** Accounts of the whole report. */
  read: z.int(),
});
export type FoundAccounts = z.infer<typeof foundAccountsSchema>;

export const nameField = (field: HashedField): string => hashedFields[field].label;
