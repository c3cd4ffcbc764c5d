import { hash } from 'node:crypto';
import { hashInput, type HashedField } from '../../../src-shared/model/usage/hashedFields.ts';
import {
  maxFoundAccounts,
  type SearchedHash,
  type UsageSearch,
} from '../../../src-shared/model/usage/usageSearch.ts';
import type { SqlReader } from '../accounts/accountsDatabase.ts';
import { createLineReader, lineColumnsSql, lineTablesSql } from './accountLine.ts';
import type { UsageContext } from './usageContext.ts';

/** The fields in the order of the first columns of a report's line. */
const fields = ['account', 'userName', 'userId', 'userDomain'] as const satisfies HashedField[];

/** The wanted hashes of each field, as the bytes that `hash` returns. */
const wantedOf = (searched: readonly SearchedHash[]) =>
  fields.map((field) => ({
    field,
    hashes: new Set(
      searched
        .filter((one) => one.field === null || one.field === field)
        .map((one) => Buffer.from(one.hash, 'hex').toString('binary')),
    ),
  }));

/**
 * Finds the fields of an account that have one of the MD5s (hex). It takes a row whose first columns are those of a report's
 * line. Values that no report can have are not found.
 */
export function createHashFinder(
  searched: readonly SearchedHash[],
): (row: readonly unknown[]) => HashedField[] {
  const wanted = wantedOf(searched);
  // Most accounts have the domain of the one before.
  let last: { domain: string; isFound: boolean } | null = null;
  const has = (field: HashedField, hashes: ReadonlySet<string>, value: unknown): boolean => {
    if (hashes.size === 0) return false;
    if (typeof value !== 'string') return typeof value === 'number' && has(field, hashes, String(value));
    if (field === 'userDomain' && last?.domain === value) return last.isFound;
    const text = hashInput(field, value);
    const isFound = text !== null && hashes.has(hash('md5', text, 'binary'));
    if (field === 'userDomain') last = { domain: value, isFound };
    return isFound;
  };
  return (row) => {
    const found: HashedField[] = [];
    for (const [at, { field, hashes }] of wanted.entries())
      if (has(field, hashes, row[at])) found.push(field);
    return found;
  };
}

/**
 * Searches the month's report for accounts with one of these MD5s, and shows the first ones as they would be sent. Only the
 * hashes are known here. Reads all accounts, because no database stores the hashes. Throws DATABASE_UNUSABLE.
 */
export async function searchAccounts(
  context: UsageContext,
  { searched, reader, place }: { searched: readonly SearchedHash[]; reader: SqlReader; place: string },
): Promise<UsageSearch> {
  const { month, to } = context.month;
  const findFields = createHashFinder(searched);
  const found = new Map<number, HashedField[]>();
  let [read, total] = [0, 0];
  // Few columns, because reading the values takes most of the time.
  const namesSql = `SELECT a.id, a.user_name, a.user_id, a.user_domain FROM account a WHERE a.connected_at < ? ORDER BY a.id`;
  for await (const batch of reader.stream(namesSql, to))
    for (const row of batch) {
      read += 1;
      const matching = findFields(row);
      if (matching.length === 0) continue;
      total += 1;
      if (found.size < maxFoundAccounts) found.set(Number(row[0]), matching);
    }
  const accounts = await readFound({ context, found, reader, place });
  return { contract: 1, month, read, total, accounts };
}

/** The found accounts as they would be sent. */
async function readFound({
  context,
  found,
  reader,
  place,
}: {
  context: UsageContext;
  found: ReadonlyMap<number, HashedField[]>;
  reader: SqlReader;
  place: string;
}): Promise<UsageSearch['accounts']> {
  const [first, ...others] = found.keys();
  if (first === undefined) return [];
  const readLine = createLineReader({ to: context.month.to, place });
  const places = ['?', ...others.map(() => '?')].join(', ');
  const sql = `SELECT ${lineColumnsSql(context.internal)} FROM ${lineTablesSql} WHERE a.id IN (${places}) ORDER BY a.id`;
  const accounts: UsageSearch['accounts'] = [];
  for await (const batch of reader.stream(sql, first, ...others))
    for (const row of batch) {
      const matching = found.get(Number(row[0]));
      if (matching !== undefined) accounts.push({ fields: matching, line: readLine(row) });
    }
  return accounts;
}
