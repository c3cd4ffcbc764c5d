import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAuthorityKey, exportKeySet, issueLicence } from '../src-appliance/authority/issue.ts';
import type { ApplianceConfig } from '../src-appliance/core/config.ts';
import type { LicencePayload } from '../src-shared/model/licence/licence.ts';
import { dayMs } from '../src-shared/base/time.ts';

/** A licence that is valid for a year, with these fields changed. Null means no licence. */
export type LicenceChanges = Partial<LicencePayload> | null;

/** A licence that is valid for a year, with these fields changed. */
export function licencePayload(applianceId: string, changes: Partial<LicencePayload> = {}): LicencePayload {
  return {
    format: 1,
    id: randomUUID(),
    applianceId,
    key: 'SALLY-TEST0-00000-PORT1',
    sequence: 1,
    issuedAt: new Date().toISOString(),
    notBefore: new Date(Date.now() - dayMs).toISOString(),
    expiresAt: new Date(Date.now() + 365 * dayMs).toISOString(),
    graceDays: 14,
    minVersion: '1.0.0',
    entitlements: { accounts: 100, connectors: ['smb'], plan: 'standard', internalDevelopment: false },
    request: null,
    configuration: null,
    ...changes,
  };
}

/** A licence that is signed by a new key under the id of another one, and that key. */
export function forgeLicence(applianceId: string, changes: Partial<LicencePayload>) {
  const key = createAuthorityKey('vendor-2026');
  return { document: issueLicence(licencePayload(applianceId, changes), key), ...exportKeySet([key]) };
}

type Installed = Pick<ApplianceConfig, 'applianceId' | 'authorityKeys' | 'stateFolder'>;

/** Creates a licence authority and gives its key to an appliance. Resolves with a function that signs licences. */
export async function addAuthority(
  config: Installed,
): Promise<(changes?: Partial<LicencePayload>) => Promise<string>> {
  const authority = createAuthorityKey();
  await writeFile(config.authorityKeys, JSON.stringify(exportKeySet([authority])));
  return async (changes) => issueLicence(licencePayload(config.applianceId, changes), authority);
}

/**
 * Creates a licence authority and gives its key to an appliance. Resolves with a function that installs its
 * licences. The paths in `config` are paths of this machine.
 */
export async function installAuthority(
  config: Installed,
): Promise<(changes: LicenceChanges) => Promise<void>> {
  const sign = await addAuthority(config);
  return async (changes) => {
    const path = join(config.stateFolder, 'licence.jws');
    if (changes === null) return rm(path, { force: true });
    return writeFile(path, await sign(changes), { mode: 0o640 });
  };
}
