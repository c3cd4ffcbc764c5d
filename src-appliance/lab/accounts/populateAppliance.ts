import { initAccounts } from '../../core/accounts/initAccounts.ts';
import { withAccounts } from '../../core/accounts/openAccounts.ts';
import type { Appliance } from '../../core/appliance.ts';
import { loadPublicKey } from '../../core/secrets/secretKeys.ts';
import { fillAccounts } from './fillAccounts.ts';

/** Enough for pages, charts and tiers of prices, and made in less than a second. */
const labAccounts = 1200;

/** Makes the account database of an appliance of the lab, and fills it. `name` is the seed of the accounts. */
export async function populateAppliance(appliance: Appliance, name: string): Promise<void> {
  await initAccounts(appliance);
  const publicKey = loadPublicKey(appliance.config.stateFolder);
  await withAccounts(appliance, { isCreated: false }, (database) =>
    fillAccounts(database, { seed: name, accounts: labAccounts, now: Date.now(), publicKey }),
  );
}
