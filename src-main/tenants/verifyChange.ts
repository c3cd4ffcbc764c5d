import type { PublicKey } from '../../src-shared/model/tenants/publicKey.ts';
import type { Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { TenantAction } from '../../src-shared/model/tenants/tenantPlan.ts';
import { describeDifferences } from './conflict.ts';

/**
 * `partly`: only the first of two commands had an effect. `otherwise`: the tenant has changed, but not as
 * requested.
 */
export type ChangeEffect = 'done' | 'partly' | 'unchanged' | 'otherwise';

/** Compares the tenant before and after a change with what the change should do. Pure. */
export function verifyResult(input: {
  action: TenantAction;
  key: PublicKey | null;
  before: Tenant | null;
  now: Tenant | null;
}): ChangeEffect {
  const { action, key, before, now } = input;
  const isAsBefore = (now?.changedAt ?? null) === (before?.changedAt ?? null);
  if (action.kind === 'release') {
    const holder = now?.forwards.find(({ port }) => port === action.port)?.listener ?? null;
    return holder?.pid === action.pid ? 'unchanged' : 'done';
  }
  if (isAsBefore) return 'unchanged';
  const isNewKey = (fingerprint: string) =>
    before?.keys.every((old) => old.fingerprint !== fingerprint) ?? true;
  const hasKey = (tenant: Tenant) =>
    key === null
      ? tenant.keys.some(({ fingerprint }) => isNewKey(fingerprint))
      : tenant.keys.some(
          ({ fingerprint, expiresAt }) => fingerprint === key.fingerprint && expiresAt === null,
        );
  /** Whether no old key is left. With `mayOverlap`, old keys with an expiry date are allowed. */
  const hasNoOldKey = (tenant: Tenant, mayOverlap: boolean) =>
    tenant.keys.every(
      ({ fingerprint, expiresAt }) =>
        fingerprint === key?.fingerprint || (mayOverlap && expiresAt !== null) || isNewKey(fingerprint),
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

/** Lists what changed in the tenant. Empty if nothing did. */
export function describeChanges(before: Tenant | null, now: Tenant | null): string[] {
  if (before === null) return now === null ? [] : ['it was added'];
  return now === null ? ['it was removed'] : describeDifferences(before, now);
}
