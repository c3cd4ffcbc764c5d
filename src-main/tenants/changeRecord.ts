import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { formatRanges } from '../../src-shared/model/tenants/ports.ts';
import type { TenantAction } from '../../src-shared/model/tenants/tenantPlan.ts';
import { hopNameOf } from '../ssh/transport/hopName.ts';
import type { PreparedChange } from './plan.ts';

/** Returns the audit record of an attempt to change a tenant, even if the attempt is refused. */
export function attemptRecord(entry: ApplianceEntry, request: { action: TenantAction; reason: string }) {
  const { action, reason } = request;
  return {
    event: `tenant.${action.kind}` as const,
    object: `${entry.name}/${action.clientId}`,
    destination: hopNameOf(entry.target),
    reason,
  };
}

/** Contains only fingerprints and numbers, but no key and no comment of a key. */
function detailOf({ plan, key }: PreparedChange): string {
  const { before, after, ends, givesUp } = plan;
  const parts: string[] = [];
  if (before !== null && after !== null && before.quota !== after.quota)
    parts.push(`quota ${before.quota} to ${after.quota}`);
  if (key !== null) parts.push(`key ${key.fingerprint}`);
  if (plan.printsPrivateKey) parts.push('key made by the appliance');
  if (givesUp.length > 0) parts.push(`releases ports ${formatRanges(givesUp)}`);
  if (ends.length > 0)
    parts.push(`ends ${ends.map(({ port }) => (port === null ? 'a session' : `port ${port}`)).join(', ')}`);
  return parts.join('; ');
}

/** Returns the audit record of a change that will run next. */
export function changeRecord(entry: ApplianceEntry, reason: string, prepared: PreparedChange) {
  return {
    ...attemptRecord(entry, { action: prepared.plan.action, reason }),
    command: prepared.commands.map(({ text }) => text).join(' ; '),
    detail: detailOf(prepared),
  };
}
