import { hostname } from 'node:os';
import { AppError } from '../../../src-shared/errors.ts';
import { licencePingSchema, type LicencePing } from '../../../src-shared/model/licence/authorityApi.ts';
import type { Appliance } from '../appliance.ts';
import { openSecret } from '../secrets/sealedSecret.ts';
import { loadPrivateKey } from '../secrets/secretKeys.ts';
import { readInstalledLicence } from './licence.ts';
import { readLicenceRecord } from './licenceRecord.ts';

/** The key that `set` stored, otherwise that of the installed licence. Throws NOT_FOUND without a key. */
export async function readLicenceKey(appliance: Appliance): Promise<string> {
  const { stateFolder } = appliance.config;
  const { licenceKey } = await readLicenceRecord(stateFolder);
  if (licenceKey !== null) return openSecret(licenceKey, loadPrivateKey(stateFolder));
  const installed = await readInstalledLicence(appliance);
  if (installed !== null) return installed.payload.key;
  throw new AppError('NOT_FOUND', 'there is no licence key; store it with ke_manage_license_key set -');
}

/** Exactly the documented fields **[doc]**. `privateIp`: this computer's address on the connection, null if unknown. */
export function makePing(
  { config }: Appliance,
  { privateIp, licenceKey }: { privateIp: string | null; licenceKey: string },
): LicencePing {
  return licencePingSchema.parse({
    version: config.applianceVersion,
    publicIp: config.authority?.publicIp ?? null,
    privateIp,
    hostname: config.hostname ?? hostname(),
    licenceKey,
  });
}
