import { mapInBatches } from '../../../src-shared/base/batches.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { hasPort } from '../../../src-shared/model/tenants/ports.ts';
import type { Forward, RemoteNetworks, Tenant } from '../../../src-shared/model/tenants/remoteNetworks.ts';
import { limitToList } from '../sessions/announcementLimits.ts';
import type { Appliance } from '../appliance.ts';
import type { Observation, ObservedListener, ObservedSession } from '../procfs/runtime.ts';
import {
  loadAnnouncement,
  loadSessionEnd,
  unknownEndReason,
  saveSessionEnd,
  type Announcement,
} from '../sessions/sessionRecords.ts';
import { findEndReason, findRefusedLogins, readSshdLines, type SshdLine } from '../sessions/sshdLog.ts';
import { loadCurrentState } from '../state/tenantLock.ts';
import type { StoredTenant } from '../state/tenantState.ts';

/**
 * All tenants, or only the named tenant, with their present sessions and listeners. Throws NOT_FOUND if it
 * doesn't exist.
 */
export async function listTenants(appliance: Appliance, clientId: string | null): Promise<RemoteNetworks> {
  const { runFolder, portRange, syslog, connectUser, listenAddress } = appliance.config;
  const { tenants: stored, formerKeys } = await loadCurrentState(appliance);
  const wanted = clientId === null ? stored : stored.filter((tenant) => tenant.clientId === clientId);
  if (clientId !== null && wanted.length === 0)
    throw new AppError('NOT_FOUND', `there is no tenant ${clientId}`);
  const observation = await appliance.runtime.observe();
  const sshdLines = await readSshdLines(syslog, appliance.now());
  const seen = await mapInBatches(wanted, async (tenant) => {
    const sessions = observation.sessions.filter((session) => session.clientId === tenant.clientId);
    const announcement = await loadAnnouncement({ runFolder, clientId: tenant.clientId });
    return { tenant, sessions, announcedForward: currentAnnouncement(announcement, sessions) };
  });
  const announced = limitToList(seen.map(({ announcedForward }) => announcedForward));
  const tenants = await mapInBatches(
    seen.map((one, index) => ({ ...one, index })),
    async ({ tenant, sessions, index }): Promise<Tenant> => {
      const kept = { runFolder, clientId: tenant.clientId };
      const announcedForward = announced[index] ?? null;
      return {
        clientId: tenant.clientId,
        quota: tenant.quota,
        suspended: tenant.suspended,
        ports: tenant.ports,
        keys: tenant.keys.map(({ type, fingerprint, addedAt, expiresAt }) => ({
          type,
          fingerprint,
          addedAt,
          expiresAt,
        })),
        createdAt: tenant.createdAt,
        changedAt: tenant.changedAt,
        sessions: sessions.map(withoutOwner),
        forwards: forwardsOf({
          tenant,
          sessions,
          listeners: observation.listeners,
          listenAddress,
          announcement: announcedForward,
        }),
        unplaced: announcedForward?.unplaced ?? [],
        ...(announcedForward === null || announcedForward.omitted === 0
          ? {}
          : { unplacedOmitted: announcedForward.omitted }),
        lastSession: await readLastSession(kept, sshdLines),
      };
    },
  );
  const keys = stored.flatMap(({ clientId: owner, keys: own }) =>
    own.map(({ fingerprint }) => ({ fingerprint, clientId: owner })),
  );
  const refusedLogIns = findRefusedLogins(sshdLines, { connectUser, formerKeys, keys });
  return {
    contract: 1,
    portRange,
    ...(listenAddress === undefined ? {} : { listenAddress }),
    tenants,
    refusedLogIns,
  };
}

/** How the last session ended. If sshd's log contains the reason, that reason is stored too. */
async function readLastSession(
  kept: { runFolder: string; clientId: string },
  sshdLines: readonly SshdLine[],
): Promise<Tenant['lastSession']> {
  const ending = await loadSessionEnd(kept);
  if (ending === null) return null;
  const { endedAt, peerAddress, peerPort } = ending;
  const knownReason =
    ending.reason === unknownEndReason && peerAddress !== null && peerPort !== null
      ? findEndReason(sshdLines, { address: peerAddress, port: peerPort })
      : null;
  const reason = knownReason ?? ending.reason;
  if (knownReason !== null)
    await saveSessionEnd({ ...kept, ending: { ...ending, reason }, endedBy: 'other' });
  return { endedAt, peerAddress, reason };
}

/**
 * Returns the announcement if a present session may have sent it. Without a session, returns the last
 * announcement.
 */
function currentAnnouncement(
  announcement: Announcement | null,
  sessions: readonly ObservedSession[],
): Announcement | null {
  if (announcement === null || sessions.length === 0) return announcement;
  const announcedAt = Date.parse(announcement.announcedAt);
  return sessions.some((session) => Date.parse(session.since) <= announcedAt) ? announcement : null;
}

function withoutOwner(session: ObservedSession): Tenant['sessions'][number] {
  const { clientId: _owner, permittedPorts: _permitted, ...rest } = session;
  return rest;
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

function describeHolder(listener: ObservedListener | null): Forward['listener'] {
  return listener === null ? null : { address: listener.address, pid: listener.pid };
}

/** Whether the listener accepts connections to this address of the appliance. */
function isReachedBy(address: string): (listener: ObservedListener) => boolean {
  return (listener) => [address, '0.0.0.0', '::'].includes(listener.address);
}

function forwardsOf(seen: {
  tenant: StoredTenant;
  sessions: readonly ObservedSession[];
  listeners: Observation['listeners'];
  listenAddress: string | undefined;
  announcement: Announcement | null;
}): Forward[] {
  const { tenant, sessions, announcement, listenAddress } = seen;
  const sessionPids = new Set(sessions.map((session) => session.pid));
  const listeners = seen.listeners.filter(
    (listener) =>
      hasPort(tenant.ports, listener.port) || (listener.pid !== null && sessionPids.has(listener.pid)),
  );
  const isPlain = (listener: ObservedListener | null) =>
    sessions.some((session) => session.kind === 'plain' && session.pid === listener?.pid);
  // Without a session, skip announced ports that the tenant has lost since.
  const announced = (announcement?.forwards ?? []).filter(
    (forward) => sessions.length > 0 || hasPort(tenant.ports, forward.port),
  );
  const ports = new Set([...announced, ...listeners].map((one) => one.port));
  return [...ports]
    .toSorted((a, b) => a - b)
    .map((port) => {
      const onPort = listeners.filter((one) => one.port === port);
      const listener = chooseListener(
        onPort.filter((one) => one.address !== listenAddress),
        sessionPids,
      );
      // Plain OpenSSH announces nothing. Don't show an earlier announcement of Connect for its forwards.
      const announcedForward = isPlain(listener)
        ? undefined
        : announced.find((forward) => forward.port === port);
      return {
        port,
        group: announcedForward?.group ?? null,
        repository: announcedForward?.repository ?? null,
        uri: announcedForward?.uri ?? null,
        announcedAt: announcedForward === undefined ? null : (announcement?.announcedAt ?? null),
        listener: describeHolder(listener),
        ...(listenAddress === undefined
          ? {}
          : {
              memberListener: describeHolder(
                chooseListener(onPort.filter(isReachedBy(listenAddress)), sessionPids),
              ),
            }),
        sessionPid: listener?.pid != null && sessionPids.has(listener.pid) ? listener.pid : null,
      };
    });
}
