import { hasPort } from '../../../src-shared/model/tenants/ports.ts';
import type { Forward } from '../../../src-shared/model/tenants/remoteNetworks.ts';
import type { Observation, ObservedListener, ObservedSession } from '../procfs/runtime.ts';
import { isOfSession, type Announcement } from '../sessions/announcements.ts';
import type { StoredTenant } from '../state/tenantState.ts';

/** A tenant with its live sessions, and the listeners on its ports and of its sessions. */
type SeenTenant = {
  tenant: StoredTenant;
  sessions: readonly ObservedSession[];
  listeners: readonly ObservedListener[];
  /** Live sessions of other tenants that hold this tenant's ports. */
  intruders: readonly ObservedSession[];
  listenAddress: string | undefined;
};

/** What the sessions of a tenant announced together. `announcedAt`: when each port was announced. */
type TenantAnnouncement = Pick<Announcement, 'forwards' | 'unplaced' | 'omitted'> & {
  announcedAt: ReadonlyMap<number, string>;
};

/** A record from an earlier kit names no session. Any session that began before it may have sent it. */
function mayComeFrom(announcement: Announcement, session: ObservedSession): boolean {
  return announcement.session === null
    ? hasBegunBefore(session, announcement)
    : isOfSession(announcement, session);
}

/** Whether the session had begun when the announcement was sent. */
function hasBegunBefore({ since }: ObservedSession, { announcedAt }: Announcement): boolean {
  return Date.parse(since) <= Date.parse(announcedAt);
}

/**
 * The announcements that count now: those of live sessions. If no live session announced anything, those of
 * ended sessions, unless all live sessions began later.
 */
function chooseAnnouncements(
  announcements: readonly Announcement[],
  sessions: readonly ObservedSession[],
): readonly Announcement[] {
  const live = announcements.filter((one) => sessions.some((session) => mayComeFrom(one, session)));
  if (live.length > 0 || sessions.length === 0) return live.length > 0 ? live : announcements;
  return announcements.filter((one) => sessions.some((session) => hasBegunBefore(session, one)));
}

/**
 * Merges the announcements of a tenant, which are sorted from new to old. A port leads to what the session
 * that holds it announced, because several sites may use the tenant's key. Plain OpenSSH announces nothing.
 */
export function mergeAnnouncements(
  announcements: readonly Announcement[],
  seen: SeenTenant,
): TenantAnnouncement {
  const chosen = chooseAnnouncements(announcements, seen.sessions);
  const holders = findHolders(seen);
  const announcedAt = new Map<number, string>();
  const forwards = chosen.flatMap((one) => {
    const own = one.forwards.filter(({ port }) => {
      const holder = holders.get(port);
      const isAnnouncedByHolder =
        holder === undefined || (holder.kind !== 'plain' && mayComeFrom(one, holder));
      return isAnnouncedByHolder && !announcedAt.has(port);
    });
    for (const { port } of own) announcedAt.set(port, one.announcedAt);
    return own;
  });
  const unplaced = new Map(chosen.flatMap((one) => one.unplaced.map((each) => [JSON.stringify(each), each])));
  return {
    forwards,
    unplaced: [...unplaced.values()],
    omitted: Math.max(0, ...chosen.map(({ omitted }) => omitted)),
    announcedAt,
  };
}

/** Selects the tenant's own sessions and listeners from those of the whole appliance. */
export function selectOwn(
  tenant: StoredTenant,
  observation: Observation,
  listenAddress: string | undefined,
): SeenTenant {
  const sessions = observation.sessions.filter((session) => session.clientId === tenant.clientId);
  const sessionPids = pidsOf(sessions);
  const listeners = observation.listeners.filter(
    ({ port, pid }) => hasPort(tenant.ports, port) || (pid !== null && sessionPids.has(pid)),
  );
  const intruders = observation.sessions.filter(
    ({ clientId, pid }) => clientId !== tenant.clientId && listeners.some((listener) => listener.pid === pid),
  );
  return { tenant, sessions, listeners, intruders, listenAddress };
}

/** The session that holds each port. */
function findHolders(seen: SeenTenant): Map<number, ObservedSession> {
  const sessionPids = pidsOf(seen.sessions);
  const holders = new Map<number, ObservedSession>();
  for (const port of new Set(seen.listeners.map((listener) => listener.port))) {
    const { pid } = chooseLocalListener(seen, port, sessionPids) ?? {};
    const holder = seen.sessions.find((session) => session.pid === pid);
    if (holder !== undefined) holders.set(port, holder);
  }
  return holders;
}

function pidsOf(sessions: readonly ObservedSession[]): ReadonlySet<number> {
  return new Set(sessions.map((session) => session.pid));
}

/** The listener on loopback, which the appliance and its probes use. */
function chooseLocalListener(
  { listeners, listenAddress }: Pick<SeenTenant, 'listeners' | 'listenAddress'>,
  port: number,
  sessionPids: ReadonlySet<number>,
): ObservedListener | null {
  const local = listeners.filter((one) => one.port === port && one.address !== listenAddress);
  return chooseListener(local, sessionPids);
}

/**
 * A session listens on both address families for `localhost`. Prefer the listener that belongs to a live
 * session.
 */
function chooseListener(
  candidates: readonly ObservedListener[],
  sessionPids: ReadonlySet<number>,
): ObservedListener | null {
  const isOwn = (listener: ObservedListener) => listener.pid !== null && sessionPids.has(listener.pid);
  return candidates.find(isOwn) ?? candidates[0] ?? null;
}

/** Whether `release` may end the session: it is silent, or sshd no longer watches over it. */
export function isSessionReleasable({ silentSince, isOrphaned }: ObservedSession): boolean {
  return silentSince !== null || isOrphaned === true;
}

function describeListener(listener: ObservedListener, seen: Pick<SeenTenant, 'intruders'>) {
  const { address, pid, holder } = listener;
  const intruder = seen.intruders.find((session) => session.pid === pid);
  if (intruder === undefined) return { address, pid, ...(holder === undefined ? {} : { holder }) };
  const { clientId } = intruder;
  const isReleasable = isSessionReleasable(intruder);
  return { address, pid, holder: { name: 'sshd', user: null, clientId, isReleasable } };
}

function describeOptional(listener: ObservedListener | null, seen: Pick<SeenTenant, 'intruders'>) {
  return listener === null ? null : describeListener(listener, seen);
}

/** Another process on another address of loopback. */
function findRival(
  chosen: ObservedListener | null,
  local: readonly ObservedListener[],
): ObservedListener | undefined {
  return chosen === null ? undefined : local.find(({ pid }) => pid === null || pid !== chosen.pid);
}

/** Whether the listener accepts connections to this address of the appliance. */
function isReachedBy(address: string): (listener: ObservedListener) => boolean {
  return (listener) => [address, '0.0.0.0', '::'].includes(listener.address);
}

/** The tenant's ports that a session announced or on which a process listens, in ascending order. */
export function listForwards(seen: SeenTenant, announcement: TenantAnnouncement): Forward[] {
  const { tenant, sessions, listeners, listenAddress } = seen;
  const sessionPids = pidsOf(sessions);
  // Without a session, skip announced ports that the tenant has lost since.
  const announced = announcement.forwards.filter(
    (forward) => sessions.length > 0 || hasPort(tenant.ports, forward.port),
  );
  const ports = new Set([...announced, ...listeners].map((one) => one.port));
  return [...ports]
    .toSorted((a, b) => a - b)
    .map((port) => {
      const listener = chooseLocalListener({ listeners, listenAddress }, port, sessionPids);
      const rival = findRival(
        listener,
        listeners.filter((one) => one.port === port && one !== listener && one.address !== listenAddress),
      );
      const announcedForward = announced.find((forward) => forward.port === port);
      return {
        port,
        group: announcedForward?.group ?? null,
        repository: announcedForward?.repository ?? null,
        uri: announcedForward?.uri ?? null,
        announcedAt: announcedForward === undefined ? null : (announcement.announcedAt.get(port) ?? null),
        listener: describeOptional(listener, seen),
        ...(rival === undefined ? {} : { rival: describeListener(rival, seen) }),
        ...(listenAddress === undefined
          ? {}
          : {
              memberListener: describeOptional(
                chooseListener(
                  listeners.filter((one) => one.port === port && isReachedBy(listenAddress)(one)),
                  sessionPids,
                ),
                seen,
              ),
            }),
        sessionPid: listener?.pid != null && sessionPids.has(listener.pid) ? listener.pid : null,
      };
    });
}
