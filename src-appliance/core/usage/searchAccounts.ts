import { hash } from 'node:crypto';
import { hashInput, type HashedField } from '../../../src-shared/model/usage/hashedFields.ts';
import { maxFoundAccounts, type UsageSearch } from '../../../src-shared/model/usage/usageSearch.ts';
import type { SqlReader } from '../accounts/accountsDatabase.ts';
import { createLineReader, lineColumnsSql, lineTablesSql } from './accountLine.ts';
import type { UsageContext } from './usageContext.ts';

/** The fields in the order of the first columns of a report's line. */
const fields = ['account', 'userName', 'userId', 'userDomain'] as const satisfies HashedField[];

/**
 * Finds the field of an account that has this MD5 (hex). It takes a row whose first columns are those of a report's line. Null
 * if none has it. Values that no report can have are not found.
 */
export function createHashFinder(md5: string): (row: readonly unknown[]) => HashedField | null {
  const wanted = Buffer.from(md5, 'hex').toString('binary');
  // Most accounts have the domain of the one before.
  let last: { domain: string; isFound: boolean } | null = null;
  const has = (field: HashedField, value: unknown): boolean => {
    if (typeof value !== 'string') return typeof value === 'number' && has(field, String(value));
    if (field === 'userDomain' && last?.domain === value) return last.isFound;
    const text = hashInput(field, value);
    const isFound = text !== null && hash('md5', text, 'binary') === wanted;
    if (field === 'userDomain') last = { domain: value, isFound };
    return isFound;
  };
  return (row) => fields.find((field, at) => has(field, row[at])) ?? null;
}

/**
 * Searches the month's report for accounts with an MD5, and shows the first ones as they would be sent. Only the hash is known
 * here. Reads all accounts, because no database stores the hashes. Throws DATABASE_UNUSABLE.
 */
export async function searchAccounts(
  context: UsageContext,
  { md5, reader, place }: { md5: string; reader: SqlReader; place: string },
): Promise<UsageSearch> {
  const { month, to } = context.month;
  const findField = createHashFinder(md5);
  const found = new Map<number, HashedField>();
  let total = 0;
  // Few columns, because reading the values takes most of the time.
  const namesSql = `SELECT a.id, a.user_name, a.user_id, a.user_domain FROM account a WHERE a.connected_at < ? ORDER BY a.id`;
  for await (const batch of reader.stream(namesSql, to))
    for (const row of batch) {
      const field = findField(row);
      if (field === null) continue;
      total += 1;
      if (found.size < maxFoundAccounts) found.set(Number(row[0]), field);
    }
  const accounts = await readFound({ context, found, reader, place });
  return { contract: 1, month, hash: md5, total, accounts };
}

/** The found accounts as they would be sent. */
async function readFound({
  context,
  found,
  reader,
  place,
}: {
  context: UsageContext;
  found: ReadonlyMap<number, HashedField>;
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
      const field = found.get(Number(row[0]));
      if (field !== undefined) accounts.push({ field, line: readLine(row) });
    }
  return accounts;
}
