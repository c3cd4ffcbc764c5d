import { AppError } from '../../src-shared/errors.ts';
import { formatRanges } from '../../src-shared/model/tenants/ports.ts';
import type { Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { formatInstant } from '../../src-shared/base/time.ts';

const keysOf = (tenant: Tenant) =>
  tenant.keys
    .map((key) => `${key.fingerprint}${key.expiresAt === null ? '' : ` until ${key.expiresAt}`}`)
    .join(', ');

/** Lists what changed in a tenant between two answers, as clauses of a sentence. */
export function describeDifferences(before: Tenant, now: Tenant): string[] {
  const changed: string[] = [];
  if (before.createdAt !== now.createdAt) changed.push('it was removed and added again');
  if (before.suspended !== now.suspended) changed.push(now.suspended ? 'it was suspended' : 'it was resumed');
  if (before.quota !== now.quota && !now.suspended)
    changed.push(`its quota went from ${before.quota} to ${now.quota}`);
  if (formatRanges(before.ports) !== formatRanges(now.ports))
    changed.push(`its ports are now ${formatRanges(now.ports)}`);
  if (keysOf(before) !== keysOf(now)) changed.push('its keys were changed');
  return changed;
}

/**
 * Returns CONFLICT if the tenant has changed since the plan, ALREADY_EXISTS if it should be new, otherwise
 * null. `seen` is the tenant at the time of the plan; null if it did not exist or was forgotten.
 */
export function findConflict(input: {
  clientId: string;
  basis: string | null;
  seen: Tenant | null;
  now: Tenant | null;
}): AppError | null {
  const { clientId, basis, seen, now } = input;
  if ((now?.changedAt ?? null) === basis) return null;
  if (now !== null && basis === null)
    return new AppError(
      'ALREADY_EXISTS',
      `${clientId} already exists on the appliance; it was added at ${formatInstant(now.createdAt)}. Nothing was changed. To change it, plan that change separately.`,
    );
  const changed = now === null ? ['it was removed'] : seen === null ? [] : describeDifferences(seen, now);
  const when = now === null ? '' : ` at ${formatInstant(now.changedAt)}`;
  const what = changed.length === 0 ? 'it was changed' : changed.join(', ');
  return new AppError(
    'CONFLICT',
    `Someone else changed ${clientId} after the plan: ${what}${when}. Nothing was changed. Plan it again.`,
    { detail: { clientId, basis, changedAt: now?.changedAt ?? null, changed } },
  );
}
