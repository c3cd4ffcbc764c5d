import { publicKeySchema, type PublicKey } from '../../../src-shared/model/licence/documents.ts';
import type { LicenceContext } from '../../../src-shared/model/licence/verifyLicence.ts';
import type { Appliance } from '../appliance.ts';
import { readAuthorityKeys } from './authorityKeys.ts';
import type { ClockReading } from './clock.ts';
import { readInstalledLicence } from './licence.ts';
import type { LicenceRecord } from './licenceRecord.ts';

/** The authority's public keys that can sign a document: those with an id. */
export async function readTrustedKeys(appliance: Appliance): Promise<PublicKey[]> {
  const authority = await readAuthorityKeys(appliance.config.authorityKeys);
  if (authority.outcome !== 'keys') return [];
  return authority.keys.flatMap((key) => {
    const parsed = publicKeySchema.safeParse(key);
    return parsed.success && parsed.data.kid !== '' ? [parsed.data] : [];
  });
}

/** The highest sequence that was ever installed, also if a licence file was copied here without the command. */
export async function readHighestSequence(
  appliance: Appliance,
  record: LicenceRecord,
): Promise<number | null> {
  const installed = await readInstalledLicence(appliance);
  const known = [record.highestSequence, installed?.payload.sequence ?? null].filter((one) => one !== null);
  return known.length === 0 ? null : Math.max(...known);
}

export async function readLicenceContext(
  appliance: Appliance,
  record: LicenceRecord,
  clock: ClockReading,
): Promise<LicenceContext> {
  const { applianceId, applianceVersion } = appliance.config;
  return {
    keys: await readTrustedKeys(appliance),
    applianceId,
    applianceVersion,
    request: record.openRequest,
    highestSequence: await readHighestSequence(appliance, record),
    configurationRevision: record.configurationRevision,
    now: clock.trusted,
  };
}
