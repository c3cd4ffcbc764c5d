import { formatDuration, formatInstant, dayMs, minuteMs, hourMs } from '../../base/time.ts';
import { countPorts } from '../tenants/ports.ts';
import { countUnplaced, type Tenant } from '../tenants/remoteNetworks.ts';
import type { Tunnel } from '../tunnels/chain.ts';
import { tunnelCodes } from '../tunnels/tunnelCodes.ts';
import { availabilityOf, type Availability } from '../tunnels/tunnelHistory.ts';

/**
 * A tenant with its history, combined from all appliances that list it. In the functions, port 0 means the
 * tenant itself.
 */
export type WatchedTenant = {
  applianceId: string;
  /** Identifies the appliance, or its cluster. The same for all members of a cluster. */
  placeName: string;
  /** False if the appliance doesn't answer. No notification is then raised or cleared. */
  isFresh: boolean;
  /** The tenant may be connected to a cluster member that does not answer. */
  mayBeOnSilentMember: boolean;
  tenant: Tenant;
  tunnels: readonly Pick<Tunnel, 'port' | 'tone' | 'code' | 'word'>[];
  /** Since when the tunnel has been down, epoch ms. Null if it is up. */
  downSince: (port: number) => number | null;
  /** Number of drops in the last hour. */
  drops: (port: number) => number;
};

/**
 * `on` raises the notification, `off` clears it, `unknown` doesn't change it. An empty `text` keeps the
 * previous text.
 */
export type Evaluation = {
  port: number | null;
  state: 'on' | 'off' | 'unknown';
  text: string;
  /** Used instead of the port to distinguish notifications of the same kind and tenant. */
  detail?: string;
};

export type Evaluate = (watched: WatchedTenant, rule: { limit: number; now: number }) => Evaluation[];

const hasNoSession = ({ code }: Pick<Tunnel, 'code'>) => tunnelCodes[code].absence === 'unexplained';

/** The longest possible duration of the outage, in ms; null if unknown. */
function findOutageMs(
  watched: WatchedTenant,
  tunnel: WatchedTenant['tunnels'][number],
  now: number,
): number | null {
  const since = watched.downSince(tunnel.port ?? 0);
  if (since === null) return null;
  const { tenant } = watched;
  const sessions = tenant.sessions.map((session) => Date.parse(session.since));
  const ended =
    hasNoSession(tunnel) && tenant.lastSession !== null ? Date.parse(tenant.lastSession.endedAt) : 0;
  // While the console was not watching, the tunnel may have been up. So the outage started no earlier than
  // the present session or the end of the last session.
  return now - Math.min(now, Math.max(since, ended, sessions.length === 0 ? 0 : Math.min(...sessions)));
}

export function availabilityNow(
  watched: WatchedTenant,
  tunnel: WatchedTenant['tunnels'][number],
): Availability {
  const own = availabilityOf(tunnel);
  return own === 'down' && hasNoSession(tunnel) && watched.mayBeOnSilentMember ? 'unknown' : own;
}

export const evaluateDown: Evaluate = (watched, { limit, now }) =>
  watched.tunnels.map((tunnel): Evaluation => {
    const { port, word, code } = tunnel;
    const availability = availabilityNow(watched, tunnel);
    if (availability === 'unknown') return { port, state: 'unknown', text: '' };
    if (availability !== 'down') return { port, state: 'off', text: '' };
    const lasted = findOutageMs(watched, tunnel, now) ?? 0;
    const isLong = lasted >= limit * minuteMs;
    const length = isLong ? ` for more than ${formatDuration(limit * minuteMs)}` : '';
    const text = `${word}${length} (${code}), since ${formatInstant(new Date(now - lasted).toISOString())}`;
    return { port, state: isLong ? 'on' : 'unknown', text };
  });

/** A drop of the tenant's session also drops all its ports. Count it for the tenant only. */
export const evaluateFlapping: Evaluate = (watched, { limit }) => {
  const own = watched.drops(0);
  const ports = new Set([0, ...watched.tunnels.map((tunnel) => tunnel.port ?? 0)]);
  return [...ports].map((port): Evaluation => {
    const drops = port === 0 ? own : watched.drops(port) - own;
    // Clear only at half the limit. Otherwise the notification itself would flap.
    const state = drops >= limit ? 'on' : drops <= limit / 2 ? 'off' : 'unknown';
    return { port: port === 0 ? null : port, state, text: `dropped ${drops} times within an hour` };
  });
};

/**
 * Tenants with a smaller quota usually use all of it, so the share of the quota raises nothing for them
 * **[ours]**.
 */
const minSharedQuota = 10;

/**
 * Raised when the used share of the quota reaches the limit, or when a repository got no port. Counts only
 * ports that the tenant's own sessions forward. Without a session, an open notification clears after an hour.
 */
export const evaluateQuota: Evaluate = (watched, { limit, now }) => {
  const { tenant } = watched;
  const ports = countPorts(tenant.ports);
  if (ports === 0 || tenant.suspended) return [{ port: null, state: 'off', text: '' }];
  if (tenant.sessions.length === 0) {
    const endedAt = tenant.lastSession === null ? 0 : Date.parse(tenant.lastSession.endedAt);
    return [{ port: null, state: now - endedAt < hourMs ? 'unknown' : 'off', text: '' }];
  }
  const taken = tenant.forwards.filter(
    (forward) => forward.listener !== null && forward.sessionPid !== null,
  ).length;
  const wanted = countUnplaced(tenant);
  const isNearlyFull = ports >= minSharedQuota && taken * 100 >= limit * ports;
  const text = `${taken} of ${ports} ports in use${wanted > 0 ? `, and ${wanted} more needed` : ''}`;
  return [{ port: null, state: wanted > 0 || isNearlyFull ? 'on' : 'off', text }];
};

/** An old key that is being replaced raises no notification. */
export const evaluateKeyAge: Evaluate = (watched, { limit, now }) =>
  watched.tenant.keys.map(({ fingerprint, addedAt, expiresAt }): Evaluation => {
    const age = now - Date.parse(addedAt);
    return {
      port: null,
      detail: fingerprint,
      state: expiresAt === null && age > limit * dayMs ? 'on' : 'off',
      text: `key ${fingerprint} is ${formatDuration(age)} old`,
    };
  });
