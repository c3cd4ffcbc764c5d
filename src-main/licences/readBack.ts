import type { LicencePayload, LicenceShowOutput } from '../../src-shared/model/licence/licence.ts';
import { dayMs } from '../../src-shared/base/time.ts';

const isSameInstant = (left: string | null, right: string) =>
  left !== null && Date.parse(left) === Date.parse(right);

const sorted = (names: readonly string[] | undefined) => JSON.stringify(names?.toSorted());

/** The names of the fields in which the licence that the appliance shows differs from the one that was applied. */
export function findReadBackDifferences(shown: LicenceShowOutput, applied: LicencePayload): string[] {
  const { entitlements } = shown;
  const graceEndsAt = new Date(Date.parse(applied.expiresAt) + applied.graceDays * dayMs).toISOString();
  const fields: Record<string, boolean> = {
    sequence: shown.sequence === applied.sequence,
    'not before': isSameInstant(shown.notBefore, applied.notBefore),
    expiry: isSameInstant(shown.expiresAt, applied.expiresAt),
    grace: isSameInstant(shown.graceEndsAt, graceEndsAt),
    accounts: entitlements?.accounts === applied.entitlements.accounts,
    connectors: sorted(entitlements?.connectors) === sorted(applied.entitlements.connectors),
    plan: entitlements?.plan === applied.entitlements.plan,
    'internal development': entitlements?.internalDevelopment === applied.entitlements.internalDevelopment,
  };
  return Object.keys(fields).filter((name) => fields[name] === false);
}
