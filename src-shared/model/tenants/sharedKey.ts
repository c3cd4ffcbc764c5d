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

/**
 * Two live sessions that use one key at the same time: two Connects, or clients at two addresses. Null if there
 * are none. A session that hangs while its client has reconnected is not meant, nor a second ssh at the same
 * address. `now`: epoch milliseconds by the clock of the sessions' times.
 */
export function findSharedKey(
  sessions: readonly TenantSession[],
  now: number,
): { older: TenantSession; newer: TenantSession } | null {
  const live = sessions
    .filter(({ silentSince, keyFingerprint }) => silentSince === null && keyFingerprint !== null)
    .toSorted((a, b) => Date.parse(a.since) - Date.parse(b.since));
  for (const [index, older] of live.entries())
    for (const newer of live.slice(index + 1)) {
      if (newer.keyFingerprint !== older.keyFingerprint) continue;
      const areConnects = older.kind === 'connect' && newer.kind === 'connect';
      const isElsewhere =
        older.peerAddress !== null && newer.peerAddress !== null && older.peerAddress !== newer.peerAddress;
      if ((areConnects || isElsewhere) && hasOutlived(older, newer, now)) return { older, newer };
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
