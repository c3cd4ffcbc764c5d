import type { ApplianceRefusal, Tenant } from '../tenants/remoteNetworks.ts';
import { minuteMs, secondMs } from '../../base/time.ts';

/** Tolerance when comparing log times. sshd may log the end of a session just after the next refusal. */
const toleranceMs = 2 * secondMs;
/** A session that ended this long before sshd began to drop connections is not one of those that come back. */
const maxBeforeMs = 10 * minuteMs;

/**
 * The latest reason of the appliance itself for which this tenant can't log in. Null without a reason, and if
 * the tenant is suspended or has a session. Drops of only some connections count for a tenant that lost its
 * session shortly before or after they began.
 */
export function findApplianceRefusal(
  tenant: Tenant,
  refusals: readonly ApplianceRefusal[],
): ApplianceRefusal | null {
  if (tenant.suspended || tenant.sessions.some((session) => session.silentSince === null)) return null;
  const endedAt = tenant.lastSession === null ? null : Date.parse(tenant.lastSession.endedAt);
  const concerns = ({ scope, since, lastAt }: ApplianceRefusal) => {
    if (endedAt !== null && Date.parse(lastAt) < endedAt - toleranceMs) return false;
    return scope === 'everyone' || (endedAt !== null && endedAt > Date.parse(since) - maxBeforeMs);
  };
  return refusals.find(concerns) ?? null;
}
