import type { LicencePayload } from './licence.ts';

/** The least version of the appliance that accepts a licence with `isInternalLicence` **[ours]**. */
export const internalLicenceVersion = '1.34.0';

/**
 * Whether the whole licence is for internal development: then usage reports have the names of all accounts and users in
 * plain text **[doc]**. It has no effect unless the licence permits internal development **[ours]**.
 */
export function isWhollyInternal(entitlements: LicencePayload['entitlements'] | null | undefined): boolean {
  return entitlements?.internalDevelopment === true && entitlements.isInternalLicence === true;
}

/** Whether a licence is wholly internal, as a value of a list. */
export const describeInternal = (isInternal: boolean) => (isInternal ? 'yes, all names in plain text' : 'no');
