import { isWhollyInternal } from '../../src-shared/model/licence/internalLicence.ts';
import type { LicencePayload, LicenceShowOutput } from '../../src-shared/model/licence/licence.ts';
import { dayMs } from '../../src-shared/base/time.ts';

/** The fields that are compared after a licence was applied. */
export type ExpectedLicence = Pick<
  LicenceShowOutput,
  'sequence' | 'notBefore' | 'expiresAt' | 'graceEndsAt' | 'entitlements'
>;

/** How an appliance shows a licence. */
export function expectShown(licence: LicencePayload): ExpectedLicence {
  const { sequence, notBefore, expiresAt, entitlements } = licence;
  const graceEndsAt = new Date(Date.parse(expiresAt) + licence.graceDays * dayMs).toISOString();
  return { sequence, notBefore, expiresAt, graceEndsAt, entitlements };
}

const isSameInstant = (left: string | null, right: string | null) =>
  left === null || right === null ? left === right : Date.parse(left) === Date.parse(right);

const sorted = (names: readonly string[] | undefined) => JSON.stringify(names?.toSorted());

/** The names of the fields in which the licence that the appliance shows differs from the one that was applied. */
export function findReadBackDifferences(shown: LicenceShowOutput, applied: ExpectedLicence): string[] {
  const { entitlements } = shown;
  const fields: Record<string, boolean> = {
    sequence: shown.sequence === applied.sequence,
    'not before': isSameInstant(shown.notBefore, applied.notBefore),
    expiry: isSameInstant(shown.expiresAt, applied.expiresAt),
    grace: isSameInstant(shown.graceEndsAt, applied.graceEndsAt),
    accounts: entitlements?.accounts === applied.entitlements?.accounts,
    connectors: sorted(entitlements?.connectors) === sorted(applied.entitlements?.connectors),
    plan: entitlements?.plan === applied.entitlements?.plan,
    'internal development': entitlements?.internalDevelopment === applied.entitlements?.internalDevelopment,
    'internal licence': isWhollyInternal(entitlements) === isWhollyInternal(applied.entitlements),
  };
  return Object.keys(fields).filter((name) => fields[name] === false);
}
