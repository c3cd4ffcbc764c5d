import { z } from 'zod';
import { databaseError, type SqlValue } from '../accounts/accountsDatabase.ts';
import { hashAccountOf } from './accountLine.ts';
import { kindFlags, type UserCounts } from './userCounts.ts';
import { oddKey, type UserKey } from './userKeySql.ts';
import type { AccountSource, AccountView } from './usageSummary.ts';

/** Counts that are made of accounts, of all of them and of each connector. */
export type Counting = {
  source: AccountSource;
  view: AccountView;
  /** The end of the month, epoch ms. */
  to: number;
  key: UserKey;
  connectors: readonly { id: number; name: string; counts: UserCounts }[];
  all: UserCounts;
};

/** An account's connector and the parts of its kind, with their values. */
export const kindColumns = ({ internal, active }: AccountView) => ({
  sql: `a.connector_id AS c, a.is_admin AS m, (${internal.sql}) AS i, (${active.sql}) AS v`,
  values: [...internal.values, ...active.values],
});

const count = z.int().nonnegative();
const rowSchema = z.tuple([z.int(), z.int().min(0).max(1), count, count, count, count]);

/** DATABASE_UNUSABLE for an account that has an impossible role or an unknown connector, which it names by its hash. */
async function refuseAccount(
  { reader, place }: AccountSource,
  condition: { column: string; sql: string; value: SqlValue },
): Promise<never> {
  const sql = `SELECT a.id FROM account a WHERE ${condition.sql} ORDER BY a.id LIMIT 1`;
  for await (const [row = []] of reader.stream(sql, condition.value)) {
    const account = hashAccountOf(row) ?? '';
    throw databaseError(
      place,
      new Error(`unexpected value in column ${condition.column} of account ${account}`),
    );
  }
  throw databaseError(place, new Error(`unexpected value in column ${condition.column}`));
}

/** Calls `onKind` with the number of accounts of each connector and kind, those for which `where` holds. */
async function readKinds(
  { source, view, to, connectors }: Counting,
  where: string,
  onKind: (counts: UserCounts, kind: number, count: number) => void,
): Promise<void> {
  const columns = kindColumns(view);
  const sql = `SELECT c, m, COUNT(*), SUM(i), SUM(v), SUM(i * v)
    FROM (SELECT ${columns.sql} FROM account a WHERE a.connected_at < ?${where}) r GROUP BY c, m`;
  const rows: unknown[][] = [];
  for await (const batch of source.reader.stream(sql, ...spread(columns.values, to))) rows.push(...batch);
  for (const row of rows) {
    const parsed = rowSchema.safeParse(row);
    if (!parsed.success)
      return refuseAccount(source, { column: 'is_admin', sql: 'a.is_admin NOT IN (0, ?)', value: 1 });
    const [id, admin, total, internal, active, both] = parsed.data;
    const counts = connectors.find((connector) => connector.id === id)?.counts;
    if (counts === undefined)
      return refuseAccount(source, { column: 'connector_id', sql: 'a.connector_id = ?', value: id });
    const role = admin * kindFlags.admin;
    onKind(counts, role, total - internal - active + both);
    onKind(counts, role + kindFlags.active, active - both);
    onKind(counts, role + kindFlags.internal, internal - both);
    onKind(counts, role + kindFlags.internal + kindFlags.active, both);
  }
}

/** Values of which the last one is there for sure. */
export const spread = (values: readonly SqlValue[], last: SqlValue): [SqlValue, ...SqlValue[]] => {
  const [first, ...others] = [...values, last];
  return [first ?? last, ...others];
};

/** Counts the accounts, and those without a user name, each of which is an end user of its own. */
export async function countKinds(counting: Counting): Promise<void> {
  const { key } = counting;
  await readKinds(counting, '', (counts, kind, accounts) => counts.addAccounts(kind, accounts));
  const isUnnamed = ` AND ${key('a.user_name')} = '' AND ${key('a.user_domain')} <> '${oddKey}'`;
  await readKinds(counting, isUnnamed, (counts, kind, accounts) => {
    counts.addUsers(1 << kind, accounts);
    counting.all.addUsers(1 << kind, accounts);
  });
}
