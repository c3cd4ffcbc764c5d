import { z } from 'zod';
import type { HashedField } from './hashedFields.ts';
import { accountHashSchema } from './manageAccounts.ts';
import { hashedFieldSchema, type SearchHashes } from './reportRows.ts';
import { accountLineSchema } from './usageReport.ts';
import { maxUsageCount, usageMonthSchema } from './usageSummary.ts';

/** Accounts that a search shows at most **[ours]**: many have the same user domain. */
export const maxFoundAccounts = 100;
/** Hashes of one search at most **[ours]**. */
export const maxSearchedHashes = 100;
/** Bytes of a search on stdin: a line has up to 44. */
export const maxSearchBytes = 8 * 1024;

/** A hash to search for, in one field or, if that is null, in any. */
export type SearchedHash = { field: HashedField | null; hash: string };

const lineSchema = z.union([
  z.tuple([accountHashSchema]).transform(([hash]): SearchedHash => ({ field: null, hash })),
  z
    .tuple([hashedFieldSchema, accountHashSchema])
    .transform(([field, hash]): SearchedHash => ({ field, hash })),
]);

/** The hashes of a search, each in its field. */
export const listSearched = (hashes: SearchHashes): SearchedHash[] =>
  hashedFieldSchema.options.flatMap((field) => {
    const hash = hashes[field];
    return hash === null ? [] : [{ field, hash }];
  });

/** What `readSearchedHashes` reads. */
export const formatSearchedHashes = (searched: readonly SearchedHash[]): string =>
  searched.map(({ field, hash }) => `${field === null ? '' : `${field} `}${hash}\n`).join('');

/**
 * Reads hashes, one a line: an MD5, or the name of a field, a space and an MD5. `wrongLine`: the number of the first line that
 * has another form, or is one too many. Quotes nothing.
 */
export function readSearchedHashes(text: string): { searched: SearchedHash[]; wrongLine: number | null } {
  const searched: SearchedHash[] = [];
  for (const [at, line] of text.split(/\r?\n/u).entries()) {
    if (line === '') continue;
    const parsed = lineSchema.safeParse(line.split(' '));
    if (!parsed.success || searched.length === maxSearchedHashes) return { searched, wrongLine: at + 1 };
    searched.push(parsed.data);
  }
  return { searched, wrongLine: null };
}

/** Output of `ke_usage_report --kind per-user --hashed` **[ours]**: accounts with one of the hashes, as the report has them. */
export const usageSearchSchema = z.strictObject({
  contract: z.literal(1),
  month: usageMonthSchema,
  /** Accounts of the report, all of which were searched. */
  read: z.int().nonnegative().max(maxUsageCount),
  /** Those that have one of the hashes, also those that are not shown. */
  total: z.int().nonnegative().max(maxUsageCount),
  accounts: z
    .array(z.strictObject({ fields: z.array(hashedFieldSchema).min(1), line: accountLineSchema }))
    .max(maxFoundAccounts),
});
export type UsageSearch = z.infer<typeof usageSearchSchema>;
