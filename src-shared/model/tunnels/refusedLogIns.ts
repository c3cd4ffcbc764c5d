import type { RefusedLogIn, Tenant } from '../tenants/remoteNetworks.ts';
import { secondMs } from '../../base/time.ts';

/** sshd's log tells whole seconds, and ends a session a moment after it refused the next. */
const toleranceMs = 2 * secondMs;

const isConnected = (tenant: Tenant) => tenant.sessions.some((session) => session.silentSince === null);

const cameFrom = (tenant: Tenant, address: string) => tenant.lastSession?.peerAddress === address;

/** May have offered a key in vain: it has no session now, and would have been let in with the right one. */
const isLookedFor = (tenant: Tenant) => !tenant.suspended && !isConnected(tenant);

/** When each key that is registered runs out, epoch ms: a replaced key stays in the list for a while after it has. */
function keyEnds(tenants: readonly Tenant[]): Map<string, number> {
  const ends = new Map<string, number>();
  for (const { fingerprint, expiresAt } of tenants.flatMap((tenant) => tenant.keys)) {
    const end = expiresAt === null ? Infinity : Date.parse(expiresAt);
    ends.set(fingerprint, Math.max(end, ends.get(fingerprint) ?? -Infinity));
  }
  return ends;
}

type Timed = { logIn: RefusedLogIn; at: number };
type Index = {
  /** Of keys that were no tenant's, the latest first. */
  unregistered: readonly Timed[];
  /** Absent tenants by the address that they came from last. */
  absentFrom: ReadonlyMap<string, ReadonlySet<string>>;
};

const isUnregistered = ({ logIn, at }: Timed, ends: ReadonlyMap<string, number>): boolean =>
  // An appliance of an earlier version does not say whose key it is; its list of tenants does.
  logIn.keyOf === null && (ends.get(logIn.fingerprint) ?? -Infinity) <= at;

function createIndex(tenants: readonly Tenant[], refusedLogIns: readonly RefusedLogIn[]): Index {
  const ends = keyEnds(tenants);
  const absentFrom = new Map<string, Set<string>>();
  for (const { clientId, lastSession } of tenants.filter(isLookedFor)) {
    const address = lastSession?.peerAddress ?? null;
    if (address === null) continue;
    const known = absentFrom.get(address);
    if (known === undefined) absentFrom.set(address, new Set([clientId]));
    else known.add(clientId);
  }
  const unregistered = refusedLogIns
    .map((logIn) => ({ logIn, at: Date.parse(logIn.lastAt) }))
    .filter((timed) => isUnregistered(timed, ends))
    .toSorted((left, right) => right.at - left.at);
  return { unregistered, absentFrom };
}

function hasOther(names: ReadonlySet<string> | undefined, own: string): boolean {
  return names !== undefined && names.size > (names.has(own) ? 1 : 0);
}

/** By an answer's two lists: each of its tenants is asked for, and none of them must go through all others again. */
const indexes = new WeakMap<readonly Tenant[], WeakMap<readonly RefusedLogIn[], Index>>();

function indexOf(tenants: readonly Tenant[], refusedLogIns: readonly RefusedLogIn[]): Index {
  const byLogIns = indexes.get(tenants) ?? new WeakMap<readonly RefusedLogIn[], Index>();
  indexes.set(tenants, byLogIns);
  const index = byLogIns.get(refusedLogIns) ?? createIndex(tenants, refusedLogIns);
  byLogIns.set(refusedLogIns, index);
  return index;
}

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
  const { unregistered, absentFrom } = indexOf(about.tenants, refusedLogIns);
  const ownEnds = keyEnds([tenant]);
  const recent = unregistered
    .filter((timed) => timed.at >= countsFrom && isUnregistered(timed, ownEnds))
    .map(({ logIn }) => logIn);
  const former = recent.find((logIn) => logIn.formerKeyOf === tenant.clientId);
  if (former !== undefined) return { logIn: former, certain: true };

  const isAnothers = (address: string) => hasOther(absentFrom.get(address), tenant.clientId);
  const unknown = recent.filter((logIn) => logIn.formerKeyOf === null);
  const own = unknown.find(({ peerAddress }) => cameFrom(tenant, peerAddress) && !isAnothers(peerAddress));
  if (own !== undefined) return { logIn: own, certain: true };
  // An address that another absent tenant is known by is that one's, unless it is this one's, too.
  const open = unknown.find(({ peerAddress }) => cameFrom(tenant, peerAddress) || !isAnothers(peerAddress));
  return open === undefined ? null : { logIn: open, certain: false };
}
