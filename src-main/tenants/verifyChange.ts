import type { PublicKey } from '../../src-shared/model/tenants/publicKey.ts';
import type { Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { TenantAction } from '../../src-shared/model/tenants/tenantPlan.ts';
import { differences } from './conflict.ts';

/** `partly`: the first of two commands was done. `otherwise`: changed, but into something else. */
export type Verdict = 'done' | 'partly' | 'unchanged' | 'otherwise';

/** Whether the tenant got what `action` was to give it, told from how it was and how it is. Pure. */
export function verifyResult(input: {
  action: TenantAction;
  key: PublicKey | null;
  before: Tenant | null;
  now: Tenant | null;
}): Verdict {
  const { action, key, before, now } = input;
  const isAsBefore = (now?.changedAt ?? null) === (before?.changedAt ?? null);
  if (action.kind === 'release') {
    const holder = now?.forwards.find((one) => one.port === action.port)?.listener ?? null;
    return holder?.pid === action.pid ? 'unchanged' : 'done';
  }
  if (isAsBefore) return 'unchanged';
  const hasKey = (tenant: Tenant) =>
    key === null
      ? tenant.keys.some((one) => before?.keys.every((old) => old.fingerprint !== one.fingerprint) ?? true)
      : tenant.keys.some((one) => one.fingerprint === key.fingerprint && one.expiresAt === null);
  /** Of the keys that were there before, other than the new one. */
  const hasNoOldKey = (tenant: Tenant, mayOverlap: boolean) =>
    tenant.keys.every(
      ({ fingerprint, expiresAt }) =>
        fingerprint === key?.fingerprint ||
        (mayOverlap && expiresAt !== null) ||
        (before?.keys.every((old) => old.fingerprint !== fingerprint) ?? true),
    );
  const isDone = (tenant: Tenant): boolean => {
    switch (action.kind) {
      case 'add':
        return hasKey(tenant) && (action.quota === null || tenant.quota === action.quota);
      case 'rotate':
        return hasKey(tenant) && hasNoOldKey(tenant, action.overlapHours !== null);
      case 'change':
      case 'resume':
        return !tenant.suspended && tenant.quota === action.quota;
      case 'suspend':
        return tenant.suspended;
      case 'remove':
        return false;
    }
  };
  if (now === null) return action.kind === 'remove' ? 'done' : 'otherwise';
  if (isDone(now)) return 'done';
  return action.kind === 'add' && hasKey(now) ? 'partly' : 'otherwise';
}

/** How the tenant differs from what was there before; empty where it does not. */
export function changesSince(before: Tenant | null, now: Tenant | null): string[] {
  if (before === null) return now === null ? [] : ['it was added'];
  return now === null ? ['it was removed'] : differences(before, now);
}
