import { z } from 'zod';
import { dayMs } from '../../../src-shared/base/time.ts';
import type { AccountFilter, AccountList } from '../../../src-shared/model/usage/manageAccounts.ts';
import { nameTextSchema } from '../../../src-shared/model/usage/usageReport.ts';
import type { Appliance } from '../appliance.ts';
import {
  createLineReader,
  hashAccount,
  hashAccountOf,
  lineColumnNames,
  lineColumnsSql,
  lineTablesSql,
} from '../usage/accountLine.ts';
import { createHashFinder } from '../usage/searchAccounts.ts';
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

const nameSchema = nameTextSchema.nullable();
const lineColumns = lineColumnNames.length;
const extraSchema = z.tuple([
  z.int().positive(),
  nameTextSchema,
  z.enum(['account', 'application']).nullable(),
]);
const extraColumns = ['application', 'application.name', 'is_internal'];
const nameColumns = 4;
const namesSchema = z
  .tuple([z.int().positive(), nameSchema, nameSchema, nameSchema])
  .transform(([id, userName, userId, userDomain]) => ({ account: String(id), userName, userId, userDomain }));

type Page = { skip: number; limit: number; hasNames: boolean };

function createRowReader(
  context: UsageContext,
  { filter, hasNames, place }: { filter: AccountFilter; hasNames: boolean; place: string },
) {
  const readLine = createLineReader({ to: context.month.to, place });
  const findFields = filter.hash === null ? null : createHashFinder([{ field: null, hash: filter.hash }]);
  const read = <Value>(
    row: readonly unknown[],
    part: { schema: z.ZodType<Value>; values: readonly unknown[]; columns: readonly string[] },
  ): Value => {
    const parsed = part.schema.safeParse(part.values);
    if (parsed.success) return parsed.data;
    throw databaseError(place, parsed.error, { columns: part.columns, account: hashAccountOf(row) });
  };
  return (row: readonly unknown[]): AccountList['accounts'][number] | null => {
    if (findFields?.(row).length === 0) return null;
    const names = read(row, {
      schema: namesSchema,
      values: row.slice(0, nameColumns),
      columns: lineColumnNames,
    });
    const values = row.slice(lineColumns);
    const [number, name, markedBy] = read(row, { schema: extraSchema, values, columns: extraColumns });
    const application = { number, name };
    return {
      hash: hashAccount(Number(names.account)),
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
    const readRow = createRowReader(context, { filter, hasNames, place });
    const isSearch = filter.hash !== null;
    const sql = isSearch ? select : `${select} LIMIT ? OFFSET ?`;
    const values: typeof condition.values = isSearch ? condition.values : [...condition.values, limit, skip];
    const accounts: AccountList['accounts'] = [];
    let found = 0;
    for await (const batch of reader.stream(sql, ...values))
      for (const row of batch) {
        const account = readRow(row);
        if (account === null) continue;
        if (!isSearch || (found >= skip && accounts.length < limit)) accounts.push(account);
        found += 1;
      }
    const total = isSearch ? found : await countMatches(reader, condition);
    return { contract: 1, total, skipped: skip, accounts };
  });
}
