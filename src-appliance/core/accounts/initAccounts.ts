import { join } from 'node:path';
import type { AccountInit } from '../../../src-shared/model/usage/manageAccounts.ts';
import type { Appliance } from '../appliance.ts';
import { createFileLock } from '../state/stateLock.ts';
import { migrateAccounts } from './migrateAccounts.ts';
import { withAccounts } from './openAccounts.ts';

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
