import type { RefusedLogin, Tenant } from '../tenants/remoteNetworks.ts';
import { secondMs } from '../../base/time.ts';

/**
 * Tolerance when comparing log times. sshd logs whole seconds, and may log the end of a session just after it
 * refused the next login.
 */
const toleranceMs = 2 * secondMs;

const isConnected = (tenant: Tenant) => tenant.sessions.some((session) => session.silentSince === null);

const wasLastSeenAt = (tenant: Tenant, address: string) => tenant.lastSession?.peerAddress === address;

/** Whether a refused key may be from this tenant, because it is not suspended and has no session. */
const isAbsentTenant = (tenant: Tenant) => !tenant.suspended && !isConnected(tenant);

/**
 * Epoch ms at which each registered key expires. The list contains replaced keys for a while after that.
 */
function findKeyExpiries(tenants: readonly Tenant[]): Map<string, number> {
  const ends = new Map<string, number>();
  for (const { fingerprint, expiresAt } of tenants.flatMap((tenant) => tenant.keys)) {
    const end = expiresAt === null ? Infinity : Date.parse(expiresAt);
    ends.set(fingerprint, Math.max(end, ends.get(fingerprint) ?? -Infinity));
  }
  return ends;
}

type Timed = { login: RefusedLogin; at: number };
type Index = {
  /** Refused logins with a key of no tenant, latest first. */
  unregistered: readonly Timed[];
  /** For each address: the tenants without a session whose last session came from there. */
  absentByAddress: ReadonlyMap<string, ReadonlySet<string>>;
};

const wasKeyUnregistered = ({ login, at }: Timed, ends: ReadonlyMap<string, number>): boolean =>
  // Older appliances don't report `keyOf`. For them, the expiry times of the tenants' keys tell whether the
  // key was registered at the time of the login.
  login.keyOf === null && (ends.get(login.fingerprint) ?? -Infinity) <= at;

function createIndex(tenants: readonly Tenant[], refusedLogIns: readonly RefusedLogin[]): Index {
  const ends = findKeyExpiries(tenants);
  const absentByAddress = new Map<string, Set<string>>();
  for (const { clientId, lastSession } of tenants.filter(isAbsentTenant)) {
    const address = lastSession?.peerAddress ?? null;
    if (address === null) continue;
    const known = absentByAddress.get(address);
    if (known === undefined) absentByAddress.set(address, new Set([clientId]));
    else known.add(clientId);
  }
  const unregistered = refusedLogIns
    .map((login) => ({ login, at: Date.parse(login.lastAt) }))
    .filter((timed) => wasKeyUnregistered(timed, ends))
    .toSorted((left, right) => right.at - left.at);
  return { unregistered, absentByAddress };
}

function hasOtherTenant(names: ReadonlySet<string> | undefined, own: string): boolean {
  return names !== undefined && names.size > (names.has(own) ? 1 : 0);
}

/** Caches the index of each answer's two lists, so that it is not built again for every tenant. */
const indexes = new WeakMap<readonly Tenant[], WeakMap<readonly RefusedLogin[], Index>>();

function cachedIndex(tenants: readonly Tenant[], refusedLogIns: readonly RefusedLogin[]): Index {
  const byLogins = indexes.get(tenants) ?? new WeakMap<readonly RefusedLogin[], Index>();
  indexes.set(tenants, byLogins);
  const index = byLogins.get(refusedLogIns) ?? createIndex(tenants, refusedLogIns);
  byLogins.set(refusedLogIns, index);
  return index;
}

/**
 * The latest refused login that may be from this tenant. All tenants log in as the same user, so it is
 * `certain` only for a former key of this tenant, or for the address of its last session if no other absent
 * tenant used that address.
 */
export function findRefusedLogin(input: {
  tenant: Tenant;
  tenants: readonly Tenant[];
  refusedLogIns: readonly RefusedLogin[];
}): { login: RefusedLogin; certain: boolean } | null {
  const { tenant, refusedLogIns } = input;
  if (refusedLogIns.length === 0 || !isAbsentTenant(tenant)) return null;
  const endedAt = tenant.lastSession === null ? 0 : Date.parse(tenant.lastSession.endedAt);
  const countsFrom = Math.max(endedAt, Date.parse(tenant.changedAt)) - toleranceMs;
  const { unregistered, absentByAddress } = cachedIndex(input.tenants, refusedLogIns);
  const ownEnds = findKeyExpiries([tenant]);
  const recent = unregistered
    .filter((timed) => timed.at >= countsFrom && wasKeyUnregistered(timed, ownEnds))
    .map(({ login }) => login);
  const former = recent.find((login) => login.formerKeyOf === tenant.clientId);
  if (former !== undefined) return { login: former, certain: true };

  const isUsedByAnother = (address: string) => hasOtherTenant(absentByAddress.get(address), tenant.clientId);
  const unknown = recent.filter((login) => login.formerKeyOf === null);
  const own = unknown.find(
    ({ peerAddress }) => wasLastSeenAt(tenant, peerAddress) && !isUsedByAnother(peerAddress),
  );
  if (own !== undefined) return { login: own, certain: true };
  // Skip addresses that only other absent tenants used for their last session.
  const open = unknown.find(
    ({ peerAddress }) => wasLastSeenAt(tenant, peerAddress) || !isUsedByAnother(peerAddress),
  );
  return open === undefined ? null : { login: open, certain: false };
}
