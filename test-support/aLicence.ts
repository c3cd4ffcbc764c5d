import type { LicenceShowOutput } from '../src-shared/model/licence/licence.ts';

/** Returns a licence. By default, that of an appliance without a licence authority. */
export function aLicence(changes: Partial<LicenceShowOutput> = {}): LicenceShowOutput {
  return {
    contract: 1,
    state: 'not-required',
    reason: 'no licence authority is configured',
    key: null,
    sequence: null,
    notBefore: null,
    expiresAt: null,
    graceEndsAt: null,
    entitlements: null,
    clockRanBackFrom: null,
    mode: null,
    ...changes,
  };
}
