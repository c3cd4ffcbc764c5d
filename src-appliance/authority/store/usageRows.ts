import { z } from 'zod';
import { formatCount } from '../../../src-shared/base/formatCount.ts';
import { dayMs } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import type { ReadReport } from '../../../src-shared/model/usage/readReport.ts';
import { maxMissing } from '../../../src-shared/model/usage/usageStatement.ts';
import type { ApplianceRecord } from './appliances.ts';
import type { AuthorityDatabase } from './database.ts';

/** Usage reports are deleted after 12 months **[doc]**. The numbers of statements stay, so that a missing one is noticed. */
const usageKeptMs = 365 * dayMs;

/**
 * What is kept of one appliance at most, so that a licence key can't fill the disk **[ours]**: more than one report and
 * statement a day, and the reports of a million accounts for 12 months. `bytes`: of all reports.
 */
const defaultLimits = { reports: 500, statements: 500, bytes: 4 * 1024 ** 3 };
export type UsageLimits = typeof defaultLimits;

const countSchema = z.object({ count: z.int(), bytes: z.int() });

const full = ({ name }: ApplianceRecord, what: string) =>
  new AppError('USAGE_STORE_FULL', `The authority keeps ${what} of ${name} already. Nothing was kept.`);

/** The rows of reports and statements. */
export function createUsageRows({
  database,
  now,
  limits = defaultLimits,
}: {
  database: AuthorityDatabase;
  now: () => number;
  limits?: UsageLimits | undefined;
}) {
  const isoNow = () => new Date(now()).toISOString();
  const hasReport = (id: string, sha256: string): boolean => {
    const sql = 'SELECT sha256 FROM usageReport WHERE applianceId = ? AND sha256 = ?';
    return database.first(z.object({ sha256: z.string() }), sql, id, sha256) !== null;
  };
  return {
    isoNow,
    hasReport,
    deleteOld: (): void => {
      const before = new Date(now() - usageKeptMs).toISOString();
      database.run('DELETE FROM usageReport WHERE receivedAt < ?', before);
      const sql = `UPDATE usageStatement SET receivedAt = NULL, sha256 = NULL, manifest = NULL, acknowledgement = NULL
        WHERE manifest IS NOT NULL AND receivedAt < ?`;
      database.run(sql, before);
    },
    /** Throws USAGE_STORE_FULL if there is no room for a report of so many bytes that is not kept yet. */
    checkReport: (appliance: ApplianceRecord, bytes: number): void => {
      const sql = 'SELECT count(*) AS count, total(bytes) AS bytes FROM usageReport WHERE applianceId = ?';
      const kept = database.first(countSchema, sql, appliance.id) ?? { count: 0, bytes: 0 };
      if (kept.count >= limits.reports) throw full(appliance, `${formatCount(limits.reports)} reports`);
      if (kept.bytes + bytes > limits.bytes)
        throw full(
          appliance,
          `reports of ${formatCount(kept.bytes)} of at most ${formatCount(limits.bytes)} bytes`,
        );
    },
    /** Throws USAGE_STORE_FULL if there is no room for a statement. */
    checkStatement: (appliance: ApplianceRecord): void => {
      const sql = `SELECT count(*) AS count, 0 AS bytes FROM usageStatement WHERE applianceId = ? AND manifest IS NOT NULL`;
      if ((database.first(countSchema, sql, appliance.id)?.count ?? 0) >= limits.statements)
        throw full(appliance, `${formatCount(limits.statements)} statements`);
    },
    addReport: (
      { id }: ApplianceRecord,
      sha256: string,
      { read, text }: { read: ReadReport; text: string },
    ): void => {
      const { head, accounts } = read;
      database.run(
        `INSERT INTO usageReport (applianceId, sha256, receivedAt, kind, month, accounts, internal, bytes, content)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        id,
        sha256,
        isoNow(),
        head.kind,
        head.month,
        accounts?.all ?? null,
        accounts?.internal ?? null,
        Buffer.byteLength(text),
        text,
      );
    },
    /** The manifest and acknowledgement of a number; both null if they were deleted. Null if it was never received. */
    findStatement: (id: string, number: number) =>
      database.first(
        z.object({ manifest: z.string().nullable(), acknowledgement: z.string().nullable() }),
        'SELECT manifest, acknowledgement FROM usageStatement WHERE applianceId = ? AND number = ?',
        id,
        number,
      ),
    listMissing: (id: string, below: number): number[] =>
      database
        .all(
          z.object({ number: z.int() }),
          `WITH RECURSIVE n (number) AS (SELECT 1 WHERE 1 < ? UNION ALL SELECT number + 1 FROM n WHERE number + 1 < ?)
           SELECT number FROM n WHERE number NOT IN (SELECT number FROM usageStatement WHERE applianceId = ?) LIMIT ?`,
          below,
          below,
          id,
          maxMissing,
        )
        .map(({ number }) => number),
  };
}
