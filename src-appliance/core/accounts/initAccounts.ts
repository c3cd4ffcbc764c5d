import { join } from 'node:path';
import type { AccountInit } from '../../../src-shared/model/usage/manageAccounts.ts';
import type { Appliance } from '../appliance.ts';
import { createFileLock } from '../state/stateLock.ts';
import { migrateAccounts, requireAccountTables } from './migrateAccounts.ts';
import { hasAccounts, withAccounts } from './openAccounts.ts';

const lockSeconds = 10;

/**
 * Makes the account database, or brings its tables to this kit's version. Holds a lock of its own, because a migration takes
 * long. Throws BUSY or DATABASE_UNUSABLE.
 */
export function initAccounts(appliance: Appliance): Promise<AccountInit> {
  const path = join(appliance.config.stateFolder, 'accounts.lock');
  return createFileLock({ path, waitSeconds: lockSeconds })(() =>
    withAccounts(appliance, { isCreated: true }, async (database) => ({
      contract: 1,
      place: database.place,
      migrations: await migrateAccounts(database, appliance.now()),
    })),
  );
}

/**
 * What an update of the kit does: brings the tables in SQLite to this kit's version if there are any. Those in PostgreSQL may
 * serve other appliances with an earlier kit, too, so they are only checked. Throws BUSY, or DATABASE_UNUSABLE if the tables
 * are not this kit's afterwards.
 */
export async function updateAccountTables(appliance: Appliance): Promise<AccountInit> {
  if (!hasAccounts(appliance)) return { contract: 1, place: null, migrations: 0 };
  const checked = await withAccounts(appliance, { isCreated: false }, async (database) => {
    if (database.dialect === 'sqlite') return null;
    await database.read((reader) => requireAccountTables(database, reader));
    return { contract: 1, place: database.place, migrations: 0 } as const;
  });
  return checked ?? initAccounts(appliance);
}
