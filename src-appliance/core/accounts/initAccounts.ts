import type { AccountInit } from '../../../src-shared/model/usage/manageAccounts.ts';
import type { Appliance } from '../appliance.ts';
import { migrateAccounts } from './migrateAccounts.ts';
import { withAccounts } from './openAccounts.ts';

/** Makes the account database, or brings its tables to this kit's version. Throws DATABASE_UNUSABLE. */
export function initAccounts(appliance: Appliance): Promise<AccountInit> {
  return appliance.lock(() =>
    withAccounts(appliance, { isCreated: true }, async (database) => ({
      contract: 1,
      place: database.place,
      migrations: await migrateAccounts(database, appliance.now()),
    })),
  );
}
