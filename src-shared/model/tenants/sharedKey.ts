import { minuteMs, secondMs } from '../../base/time.ts';
import type { TenantSession } from './remoteNetworks.ts';

/** A heartbeat that arrives this long after another login was sent after it: it can't have waited in the network. */
const heartbeatDelayMs = 5 * secondMs;
/**
 * Plain OpenSSH sends no heartbeats. After this time, sshd's keep-alive has shown that a session without a client
 * is silent **[ours]**.
 */
const settledAfterMs = minuteMs;

/** Whether the older session was provably alive after the newer one had logged in. */
function hasOutlived(older: TenantSession, newer: TenantSession, now: number): boolean {
  const began = Date.parse(newer.since);
  return older.lastHeartbeatAt === null
    ? now - began > settledAfterMs
    : Date.parse(older.lastHeartbeatAt) > began + heartbeatDelayMs;
}

/** Whether `newer`, which logged in after `older`, is another client with the same key. */
function isSecondClient(older: TenantSession, newer: TenantSession, now: number): boolean {
  if (newer.keyFingerprint !== older.keyFingerprint) return false;
  const areConnects = older.kind === 'connect' && newer.kind === 'connect';
  const isElsewhere =
    older.peerAddress !== null && newer.peerAddress !== null && older.peerAddress !== newer.peerAddress;
  return (areConnects || isElsewhere) && hasOutlived(older, newer, now);
}

/**
 * Two live sessions that use one key at the same time: two Connects, or clients at two addresses. Null if there
 * are none. A session that hangs while its client has reconnected is not meant, nor a second ssh at the same
 * address. `now`: epoch milliseconds by the clock of the sessions' times.
 */
export function findSharedKey(
  sessions: readonly TenantSession[],
  now: number,
): { older: TenantSession; newer: TenantSession } | null {
  const live = sessions.filter(
    ({ silentSince, keyFingerprint }) => silentSince === null && keyFingerprint !== null,
  );
  if (live.length < 2) return null;
  live.sort((a, b) => Date.parse(a.since) - Date.parse(b.since));
  for (const [index, older] of live.entries()) {
    const newer = live.find((other, at) => at > index && isSecondClient(older, other, now));
    if (newer !== undefined) return { older, newer };
  }
  return null;
}

/** A warning for users, without a full stop at its end. */
export function describeSharedKey({ older, newer }: { older: TenantSession; newer: TenantSession }): string {
  const [first, second] = [older, newer].map(
    ({ peerAddress, pid }) => `${peerAddress ?? 'an unknown address'} (sshd ${pid})`,
  );
  return `two clients use the same key at the same time: from ${first} and from ${second}`;
}

/** The sessions of a tenant that one member of a cluster lists. */
type MemberSessions = { applianceName: string; observedAt: string; sessions: readonly TenantSession[] };

/**
 * A session at another member may be seen half a minute ago, and be silent for a minute by then. Each member has its
 * own clock, so only the age of a session counts **[ours]**.
 */
const settledAtMembersAfterMs = 2 * settledAfterMs;

function isSettled({ since, lastHeartbeatAt }: TenantSession, observedAt: string): boolean {
  return Date.parse(lastHeartbeatAt ?? observedAt) - Date.parse(since) > settledAtMembersAfterMs;
}

/**
 * A warning if two members have a live session with one key at the same time, or null. A client is connected to one
 * member at a time. `members` must have answered recently.
 */
export function describeKeySharedByMembers(members: readonly MemberSessions[]): string | null {
  const byKey = Map.groupBy(
    members.flatMap(({ applianceName, observedAt, sessions }) =>
      sessions
        .filter((session) => session.silentSince === null && isSettled(session, observedAt))
        .map((session) => ({ applianceName, session })),
    ),
    ({ session }) => session.keyFingerprint,
  );
  for (const [key, [first, ...others]] of byKey) {
    const second = others.find(({ applianceName }) => applianceName !== first?.applianceName);
    if (key === null || first === undefined || second === undefined) continue;
    const [one, two] = [first, second].map(
      ({ applianceName, session: { peerAddress, pid } }) =>
        `${peerAddress ?? 'an unknown address'} on ${applianceName} (sshd ${pid})`,
    );
    return `Two clients use the same key at the same time: from ${one} and from ${two}. If these are two sites, each needs a tenant and a key of its own.`;
  }
  return null;
}
