import { z } from 'zod';
import { maxApplications, type ApplicationList } from '../../../src-shared/model/usage/manageAccounts.ts';
import { nameTextSchema } from '../../../src-shared/model/usage/usageReport.ts';
import type { Appliance } from '../appliance.ts';
import { withAccountSnapshot } from '../usage/usageContext.ts';

const countSchema = z.coerce.number().int().nonnegative();
const rowSchema = z.object({
  number: z.int().positive(),
  name: nameTextSchema,
  isMarked: z.int().min(0).max(1),
  accounts: countSchema,
  active: countSchema,
});

/** The applications with the most accounts first, up to `maxApplications`. Throws DATABASE_UNUSABLE. */
export async function listApplications(appliance: Appliance): Promise<ApplicationList> {
  return withAccountSnapshot(appliance, async (reader) => {
    const sql = `SELECT p.id AS number, p.name, p.is_internal AS "isMarked", COUNT(a.id) AS accounts,
      COUNT(CASE WHEN a.deactivated_at IS NULL THEN a.id END) AS active
      FROM application p LEFT JOIN account a ON a.application_id = p.id
      GROUP BY p.id, p.name, p.is_internal ORDER BY 4 DESC, p.id LIMIT ?`;
    const rows = await reader.all(rowSchema, sql, maxApplications + 1);
    const applications = rows
      .slice(0, maxApplications)
      .map(({ isMarked, ...rest }) => ({ ...rest, isMarked: isMarked === 1 }));
    return { contract: 1, isComplete: rows.length <= maxApplications, applications };
  });
}
