import { chmod, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { migrateAccounts } from '../src-appliance/core/accounts/migrateAccounts.ts';
import { openSqlite } from '../src-appliance/core/accounts/sqliteDatabase.ts';
import type { ApplianceConfig } from '../src-appliance/core/config.ts';
import { loadPublicKey } from '../src-appliance/core/secrets/secretKeys.ts';
import { statementPath } from '../src-appliance/core/usage/statementFiles.ts';
import { fillAccounts } from '../src-appliance/lab/accounts/fillAccounts.ts';

/** Accounts that are connected this month on each day of a month: a bill that went up must not depend on today's date. */
const isNew = 'id % 10 = 0 AND deactivated_at IS NULL';
const monthStart = () => Date.parse(`${new Date().toISOString().slice(0, 7)}-01T00:00:00.000Z`);

/**
 * Gives a box a database with accounts. SQLite can't open a file of another root folder, so the database is made in `folder`
 * and copied. `query` reads that copy with plain SQL.
 */
export async function fillBoxAccounts(
  { stateFolder }: Pick<ApplianceConfig, 'stateFolder'>,
  { folder, accounts }: { folder: string; accounts: number },
) {
  const copy = join(folder, 'accounts.db');
  const path = join(stateFolder, 'accounts.db');
  const database = await openSqlite(copy, { isCreated: true });
  await migrateAccounts(database, Date.now());
  const publicKey = loadPublicKey(stateFolder);
  await fillAccounts(database, { seed: 'quay', accounts, now: Date.now(), publicKey });
  await database.write((writer) =>
    writer.run(
      `UPDATE account SET connected_at = ?, updated_at = MAX(updated_at, ?), last_request_at = ? WHERE ${isNew}`,
      monthStart(),
      monthStart(),
      Date.now(),
    ),
  );
  await database.close();
  await copyFile(copy, path);
  await chmod(path, 0o600);
  return {
    /** The box's database, as a path of this machine. */
    path,
    statementReport: (number: number) => statementPath(stateFolder, number, 'report.jsonl'),
    query: async <Row>(schema: z.ZodType<Row>, sql: string): Promise<Row[]> => {
      const opened = await openSqlite(copy, { isCreated: false });
      try {
        return await opened.read((reader) => reader.all(schema, sql));
      } finally {
        await opened.close();
      }
    },
  };
}
export type BoxAccounts = Awaited<ReturnType<typeof fillBoxAccounts>>;
