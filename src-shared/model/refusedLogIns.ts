import type { RefusedLogIn, Tenant } from './remoteNetworks.ts';

/** sshd's log tells whole seconds, and ends a session a moment after it refused the next. */
const toleranceMs = 2_000;

const isConnected = (tenant: Tenant) => tenant.sessions.some((session) => session.silentSince === null);

const cameFrom = (tenant: Tenant, address: string) => tenant.lastSession?.peerAddress === address;

/** A replaced key stays in the list for a while after it has run out. */
const isRegistered = (tenants: readonly Tenant[], { fingerprint, lastAt }: RefusedLogIn) =>
  tenants.some(({ keys }) =>
    keys.some(
      (key) =>
        key.fingerprint === fingerprint &&
        (key.expiresAt === null || Date.parse(key.expiresAt) > Date.parse(lastAt)),
    ),
  );

/** May have offered a key in vain: it has no session now, and would have been let in with the right one. */
const isLookedFor = (tenant: Tenant) => !tenant.suspended && !isConnected(tenant);

/**
 * The latest refused log-in that may be this tenant's, and whether it is for certain: every tenant logs in as the same
 * system user, so that only a former key, or an address that no other absent tenant came from, tells whose it was. A key
 * that is some tenant's now was refused because that one was suspended: no wrong key, whoever is asked for. What came
 * before the tenant was last changed says nothing of the keys that it has since, nor of why it is not back yet.
 */
export function refusedLogInFor(about: {
  tenant: Tenant;
  tenants: readonly Tenant[];
  refusedLogIns: readonly RefusedLogIn[];
}): { logIn: RefusedLogIn; certain: boolean } | null {
  const { tenant, refusedLogIns } = about;
  if (refusedLogIns.length === 0 || !isLookedFor(tenant)) return null;
  const endedAt = tenant.lastSession === null ? 0 : Date.parse(tenant.lastSession.endedAt);
  const countsFrom = Math.max(endedAt, Date.parse(tenant.changedAt)) - toleranceMs;
  const { tenants } = about;
  const recent = refusedLogIns
    .filter(({ lastAt }) => Date.parse(lastAt) >= countsFrom)
    // An appliance of an earlier version does not say whose key it is; its list of tenants does.
    .filter((logIn) => logIn.keyOf === null && !isRegistered([tenant, ...tenants], logIn))
    .toSorted((left, right) => Date.parse(right.lastAt) - Date.parse(left.lastAt));
  const former = recent.find((logIn) => logIn.formerKeyOf === tenant.clientId);
  if (former !== undefined) return { logIn: former, certain: true };

  const others = tenants.filter((other) => other.clientId !== tenant.clientId && isLookedFor(other));
  const unknown = recent.filter((logIn) => logIn.formerKeyOf === null);
  const own = unknown.find(
    ({ peerAddress }) =>
      cameFrom(tenant, peerAddress) && !others.some((other) => cameFrom(other, peerAddress)),
  );
  if (own !== undefined) return { logIn: own, certain: true };
  // An address that another absent tenant is known by is that one's, unless it is this one's, too.
  const open = unknown.find(
    ({ peerAddress }) =>
      cameFrom(tenant, peerAddress) || !others.some((other) => cameFrom(other, peerAddress)),
  );
  return open === undefined ? null : { logIn: open, certain: false };
}
