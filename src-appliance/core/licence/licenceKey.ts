import { AppError } from '../../../src-shared/errors.ts';
import type { SetKeyOutput } from '../../../src-shared/model/licence/licenceCommands.ts';
import type { Appliance } from '../appliance.ts';
import { sealSecret } from '../secrets/sealedSecret.ts';
import { createSecretKeys, loadPublicKey } from '../secrets/secretKeys.ts';
import { maskKey } from './licence.ts';
import { saveLicenceRecord, withLicenceLock } from './licenceRecord.ts';

/** Stores the licence key of the connected mode. Throws INVALID_INPUT for a key of another form. */
export function setLicenceKey(appliance: Appliance, key: string): Promise<SetKeyOutput> {
  if (!/^[A-Za-z0-9-]{1,128}$/u.test(key))
    throw new AppError('INVALID_INPUT', 'KEY must be 1 to 128 letters, digits and hyphens');
  const { stateFolder } = appliance.config;
  return withLicenceLock(appliance, async (record) => {
    await createSecretKeys(stateFolder);
    const licenceKey = sealSecret(key, loadPublicKey(stateFolder));
    saveLicenceRecord(stateFolder, { ...record, licenceKey });
    return { contract: 1, key: maskKey(key) };
  });
}
