import { z } from 'zod';
import {
  connectorNameSchema,
  standardReportSchema,
  type StandardReport,
} from '../../../src-shared/model/usage/usageReport.ts';
import { formatStandardReport } from '../../../src-shared/model/usage/usageLines.ts';
import type { SqlReader } from '../accounts/accountsDatabase.ts';
import { readExternalServices } from '../accounts/openAccounts.ts';
import { listConnectors, reportHead, type UsageContext } from './usageContext.ts';

const countSchema = z.int().nonnegative();
const rowSchema = z.object({
  connector: connectorNameSchema,
  admin: z.int().min(0).max(1),
  active: countSchema,
  total: countSchema,
});

/** An account that was deactivated after the month's end was active in the month **[ours]**. */
const countsSql = `SELECT c.name AS connector, a.is_admin AS admin, COUNT(*) AS total,
  COUNT(CASE WHEN a.deactivated_at IS NULL OR a.deactivated_at >= ? THEN 1 END) AS active
  FROM account a LEFT JOIN connector c ON c.id = a.connector_id
  WHERE a.connected_at < ? GROUP BY c.name, a.is_admin`;

const none = { active: 0, total: 0 };

async function countAccounts(reader: SqlReader, to: number): Promise<StandardReport['connectors']> {
  const rows = await reader.all(rowSchema, countsSql, to, to);
  const find = (connector: string, admin: number) => {
    const row = rows.find((one) => one.connector === connector && one.admin === admin);
    return row === undefined ? none : { active: row.active, total: row.total };
  };
  const connectors = await listConnectors(reader);
  return connectors.map(({ name }) => ({
    connector: name,
    admin: find(name, 1),
    nonAdmin: find(name, 0),
  }));
}

/** The bytes of the standard report **[doc: what it counts]**. Accounts that were connected after the month don't count. */
export async function makeStandardReport(context: UsageContext, reader: SqlReader): Promise<string> {
  const { appliance, month } = context;
  const { database, hasRedis } = readExternalServices(appliance);
  const [developers] = await reader.all(
    z.object({ count: countSchema }),
    'SELECT COUNT(*) AS count FROM developer WHERE created_at < ?',
    month.to,
  );
  const report = standardReportSchema.parse({
    kind: 'standard',
    ...reportHead(context),
    developerAccounts: developers?.count,
    hasExternalDatabase: database !== null,
    hasExternalRedis: hasRedis,
    connectors: await countAccounts(reader, month.to),
  });
  return formatStandardReport(report);
}
