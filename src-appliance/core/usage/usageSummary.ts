import type { UsageSummary } from '../../../src-shared/model/usage/usageSummary.ts';
import type { AccountsDatabase, SqlReader, SqlValue } from '../accounts/accountsDatabase.ts';
import { countKinds } from './countKinds.ts';
import { countPlainUsers } from './countPlainUsers.ts';
import { countOddUsers } from './countOddUsers.ts';
import { internalSql, listConnectors, type UsageContext } from './usageContext.ts';
import { createUserCounts } from './userCounts.ts';
import { chooseUserKey } from './userKeySql.ts';

/** Where the accounts are read. */
export type AccountSource = Pick<AccountsDatabase, 'dialect' | 'place'> & { reader: SqlReader };

/** A condition of an account `a` in SQL, as 1 or 0, and its values. */
export type AccountCondition = { sql: string; values: readonly SqlValue[] };
/** How accounts count, e.g. as if some of them were changed. */
export type AccountView = { internal: AccountCondition; active: AccountCondition };

/** The accounts as they are. One that was deactivated after the month's end was active in the month **[ours]**. */
export function presentView({ internal, month }: UsageContext): AccountView {
  const active = 'CASE WHEN a.deactivated_at IS NULL OR a.deactivated_at >= ? THEN 1 ELSE 0 END';
  return {
    internal: { sql: internalSql[internal], values: [] },
    active: { sql: active, values: [month.to] },
  };
}

/**
 * Counts everything that a price may depend on **[ours]**. SQL groups the accounts, because reading a million rows would take
 * most of the time. Throws DATABASE_UNUSABLE.
 */
export async function summariseUsage(
  context: UsageContext,
  source: AccountSource,
  view: AccountView = presentView(context),
): Promise<UsageSummary> {
  const { appliance, month, now } = context;
  const listed = await listConnectors(source.reader);
  const connectors = listed.map(({ id, name }) => ({ id, name, counts: createUserCounts() }));
  const all = createUserCounts();
  const key = await chooseUserKey(source.reader, source.dialect);
  const counting = { source, view, to: month.to, key, connectors, all };
  await countKinds(counting);
  const hasCountedAll = await countOddUsers(counting);
  if (!hasCountedAll) await countPlainUsers(counting);
  return {
    contract: 1,
    applianceId: appliance.config.applianceId,
    month: month.month,
    takenAt: new Date(now).toISOString(),
    cutShort: null,
    assumed: null,
    connectors: connectors.map(({ name, counts }) => ({
      connector: name,
      accounts: counts.accounts(),
      endUsers: counts.endUsers(),
    })),
    endUsers: all.endUsers(),
  };
}
