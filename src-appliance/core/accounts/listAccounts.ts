import { z } from 'zod';
import { dayMs } from '../../../src-shared/base/time.ts';
import { hashField, type HashedField } from '../../../src-shared/model/usage/hashedFields.ts';
import type { AccountFilter, AccountList } from '../../../src-shared/model/usage/manageAccounts.ts';
import { maxNameLength } from '../../../src-shared/model/usage/usageReport.ts';
import type { Appliance } from '../appliance.ts';
import { createLineReader, lineColumnsSql, lineTablesSql } from '../usage/accountLine.ts';
import { readUsageContext, withAccountSnapshot, type UsageContext } from '../usage/usageContext.ts';
import { databaseError, type SqlReader, type SqlValue } from './accountsDatabase.ts';

const markedSql = "CASE WHEN a.is_internal = 1 THEN 'account' WHEN p.is_internal = 1 THEN 'application' END";

/** Active accounts without a request since then, or since they were connected. */
export const idleSql = 'a.deactivated_at IS NULL AND COALESCE(a.last_request_at, a.connected_at) < ?';

function conditionOf(filter: AccountFilter, now: number): { sql: string; values: [SqlValue, ...SqlValue[]] } {
  const { connector, application, state, isMarked, idleDays } = filter;
  const parts = ['a.connected_at >= ?'];
  const values: [SqlValue, ...SqlValue[]] = [0];
  const add = (part: string, ...added: SqlValue[]) => {
    parts.push(part);
    values.push(...added);
  };
  if (connector !== null) add('c.name = ?', connector);
  if (application !== null) add('p.id = ?', application);
  if (state !== null) add(`a.deactivated_at IS ${state === 'active' ? '' : 'NOT '}NULL`);
  if (isMarked) add(`${markedSql} IS NOT NULL`);
  if (idleDays !== null) add(idleSql, now - idleDays * dayMs);
  return { sql: parts.join(' AND '), values };
}

const nameSchema = z.string().min(1).max(maxNameLength);
const fields = ['account', 'userName', 'userId', 'userDomain'] as const satisfies HashedField[];
const lineColumns = 11;
const extraSchema = z.tuple([z.int().positive(), nameSchema, z.enum(['account', 'application']).nullable()]);
const namesSchema = z
  .tuple([z.int().positive(), nameSchema.nullable(), nameSchema.nullable(), nameSchema.nullable()])
  .transform(([id, userName, userId, userDomain]) => ({ account: String(id), userName, userId, userDomain }));

type Page = { skip: number; limit: number; hasNames: boolean };

function createRowReader(context: UsageContext, filter: AccountFilter, hasNames: boolean) {
  const readLine = createLineReader(context.month.to);
  return (row: readonly unknown[]): AccountList['accounts'][number] | null => {
    const names = namesSchema.parse(row.slice(0, fields.length));
    const isFound = (field: HashedField) => hashField(field, names[field]) === filter.hash;
    if (filter.hash !== null && !fields.some(isFound)) return null;
    const [number, name, markedBy] = extraSchema.parse(row.slice(lineColumns));
    const application = { number, name };
    return {
      line: readLine(row.slice(0, lineColumns)),
      application,
      markedBy,
      names: hasNames ? names : null,
    };
  };
}

async function countMatches(
  reader: SqlReader,
  { sql, values }: ReturnType<typeof conditionOf>,
): Promise<number> {
  const countSql = `SELECT COUNT(*) AS count FROM ${lineTablesSql} WHERE ${sql}`;
  const [row] = await reader.all(z.object({ count: z.int() }), countSql, ...values);
  return row?.count ?? 0;
}

/**
 * The accounts that match, one page of them, as this month's report has them. A search for a hash reads all accounts, because
 * no database here stores the hashes. Throws DATABASE_UNUSABLE.
 */
export async function listAccounts(
  appliance: Appliance,
  { filter, page }: { filter: AccountFilter; page: Page },
): Promise<AccountList> {
  const context = await readUsageContext(appliance, undefined);
  const condition = conditionOf(filter, context.now);
  const { skip, limit, hasNames } = page;
  const select = `SELECT ${lineColumnsSql(context.internal)}, p.id, p.name, ${markedSql}
    FROM ${lineTablesSql} WHERE ${condition.sql} ORDER BY a.id`;
  return withAccountSnapshot(appliance, async (reader, { place }) => {
    const readRow = createRowReader(context, filter, hasNames);
    const isSearch = filter.hash !== null;
    const sql = isSearch ? select : `${select} LIMIT ? OFFSET ?`;
    const values: typeof condition.values = isSearch ? condition.values : [...condition.values, limit, skip];
    const accounts: AccountList['accounts'] = [];
    let found = 0;
    for await (const batch of reader.stream(sql, ...values)) {
      try {
        for (const row of batch) {
          const account = readRow(row);
          if (account === null) continue;
          if (!isSearch || (found >= skip && accounts.length < limit)) accounts.push(account);
          found += 1;
        }
      } catch (cause) {
        throw databaseError(place, cause);
      }
    }
    const total = isSearch ? found : await countMatches(reader, condition);
    return { contract: 1, total, skipped: skip, accounts };
  });
}
