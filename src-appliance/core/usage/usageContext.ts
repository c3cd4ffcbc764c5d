import { z } from 'zod';
import { AppError } from '../../../src-shared/errors.ts';
import { isWhollyInternal } from '../../../src-shared/model/licence/internalLicence.ts';
import { chooseUsageMonth, type UsageMonth } from '../../../src-shared/model/usage/usageMonth.ts';
import { connectorNameSchema } from '../../../src-shared/model/usage/usageReport.ts';
import { maxUsageConnectors } from '../../../src-shared/model/usage/usageSummary.ts';
import type { AccountsDatabase, SqlReader } from '../accounts/accountsDatabase.ts';
import { requireAccountTables } from '../accounts/migrateAccounts.ts';
import { withAccounts } from '../accounts/openAccounts.ts';
import type { Appliance } from '../appliance.ts';
import { readClock } from '../licence/clock.ts';
import { showLicence } from '../licence/licence.ts';

/** What a report is made from, besides the accounts. */
export type UsageContext = {
  appliance: Appliance;
  month: UsageMonth;
  /** The appliance's trusted time, epoch ms. If the clock was set ahead, what it should show. */
  now: number;
  internal: InternalRule;
  /** Warnings for the person who runs the command. */
  notes: readonly string[];
};

/** Which accounts count as internal development: none unless the licence permits the marks **[doc]**, or all. */
export type InternalRule = 'none' | 'marked' | 'all';

async function readInternalRule(appliance: Appliance): Promise<InternalRule> {
  const { entitlements } = await showLicence(appliance);
  if (entitlements?.internalDevelopment !== true) return 'none';
  return isWhollyInternal(entitlements) ? 'all' : 'marked';
}

/** A clock outside of these is not set: it begins in 1970 after a power failure. */
const earliestNow = Date.UTC(2020, 0, 1);
const latestNow = Date.UTC(9999, 0, 1);

/**
 * Chooses the month with the trusted time, so that a wrong clock leads to no report of another month. Throws
 * INVALID_INPUT for a month without a report, and COMMAND_FAILED if the time is not known.
 */
export async function readUsageContext(
  appliance: Appliance,
  month: string | undefined,
): Promise<UsageContext> {
  const clock = await readClock(appliance.config.stateFolder, appliance.now());
  if (clock.damage !== null) throw new AppError('COMMAND_FAILED', clock.damage);
  const { ranBackFrom, aheadOf } = clock;
  const now = aheadOf === null ? clock.trusted : Date.parse(aheadOf);
  if (now < earliestNow || now >= latestNow)
    throw new AppError(
      'COMMAND_FAILED',
      `the clock shows ${new Date(now).toISOString()}; set it right first`,
    );
  const chosen = chooseUsageMonth(month, now);
  const notes = [
    ...(ranBackFrom === null ? [] : [`the clock ran backwards; the time of this report is ${ranBackFrom}`]),
    ...(aheadOf === null ? [] : [`the clock was set ahead; the time of this report is ${aheadOf}`]),
  ];
  return { appliance, month: chosen, now, internal: await readInternalRule(appliance), notes };
}

/** Runs `work` with one consistent state of the account database. Throws DATABASE_UNUSABLE if its tables are not this kit's. */
export function withAccountSnapshot<Result>(
  appliance: Appliance,
  work: (reader: SqlReader, database: AccountsDatabase) => Promise<Result>,
): Promise<Result> {
  return withAccounts(appliance, { isCreated: false }, (database) =>
    database.read(async (reader) => {
      await requireAccountTables(database, reader);
      return work(reader, database);
    }),
  );
}

/** All connectors, sorted by name by code unit, like the reports. Throws DATABASE_UNUSABLE if no report can have so many. */
export async function listConnectors(reader: SqlReader): Promise<{ id: number; name: string }[]> {
  const schema = z.object({ id: z.int(), name: connectorNameSchema });
  const rows = await reader.all(schema, 'SELECT id, name FROM connector LIMIT ?', maxUsageConnectors + 1);
  if (rows.length > maxUsageConnectors)
    throw new AppError('DATABASE_UNUSABLE', `there are more than ${maxUsageConnectors} connectors`);
  return rows.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The condition of an account that is marked as internal, itself or by its application, or the value for all. */
export const internalSql: Record<InternalRule, string> = {
  none: '0',
  marked:
    'CASE WHEN a.is_internal = 1 OR a.application_id IN (SELECT id FROM application WHERE is_internal = 1) THEN 1 ELSE 0 END',
  all: '1',
};

/** The members that both kinds of report begin with. */
export function reportHead({ appliance, month }: UsageContext) {
  return {
    format: 2 as const,
    applianceId: appliance.config.applianceId,
    month: month.month,
    from: new Date(month.from).toISOString(),
    to: new Date(month.to).toISOString(),
  };
}
