import type { Tunnel } from '../tunnels/chain.ts';
import type { Notification, NotificationRules } from './notification.ts';
import { countPorts } from '../tenants/ports.ts';
import { countUnplaced, type Tenant } from '../tenants/remoteNetworks.ts';
import { formatDuration, formatInstant } from '../../base/time.ts';
import { availabilityOf, type Availability } from '../tunnels/tunnelHistory.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** One tenant as all appliances together tell it, and what is remembered of it. `port` 0 is the tenant itself. */
export type Watched = {
  applianceId: string;
  /** What stays the same whichever member of a cluster tells of the tenant. */
  placeName: string;
  /** Its appliance answers now: without that, nothing begins and nothing ends. */
  isFresh: boolean;
  /** The tenant may be connected to a member of its cluster that does not answer. */
  mayBeElsewhere: boolean;
  tenant: Tenant;
  tunnels: readonly Pick<Tunnel, 'port' | 'tone' | 'code' | 'word'>[];
  /** Epoch ms. */
  downSince: (port: number) => number | null;
  /** Within the last hour. */
  drops: (port: number) => number;
};

/** `on`: raise it; `off`: it is over; `unknown`: leave it open or not. `text` is empty where there is nothing new to say. */
export type Verdict = Pick<Notification, 'kind' | 'applianceId' | 'clientId' | 'port' | 'text'> & {
  subject: string;
  state: 'on' | 'off' | 'unknown';
};

type Notified = {
  kind: Notification['kind'];
  port: number | null;
  state: Verdict['state'];
  text: string;
  of?: string;
};

function minutes(count: number): string {
  return formatDuration(count * 60_000);
}

/** As far back as the outage that is seen now can have begun. */
function downFor(watched: Watched, tunnel: Watched['tunnels'][number], now: number): number | null {
  const since = watched.downSince(tunnel.port ?? 0);
  if (since === null) return null;
  const { tenant } = watched;
  const sessions = tenant.sessions.map((session) => Date.parse(session.since));
  const ended =
    tunnel.code === 'T-3001' && tenant.lastSession !== null ? Date.parse(tenant.lastSession.endedAt) : 0;
  // It may have been well while nobody watched: not before the session that is there now, or the last one's end.
  return now - Math.min(now, Math.max(since, ended, sessions.length === 0 ? 0 : Math.min(...sessions)));
}

function standing(watched: Watched, tunnel: Watched['tunnels'][number]): Availability {
  const own = availabilityOf(tunnel);
  const isMissing = tunnel.code === 'T-3001';
  // What never was up is not down: a tenant that was added today may be set up tomorrow.
  if (isMissing && watched.tenant.lastSession === null) return 'off';
  return own === 'down' && isMissing && watched.mayBeElsewhere ? 'unknown' : own;
}

function down(watched: Watched, limit: number, now: number): Notified[] {
  return watched.tunnels.map((tunnel): Notified => {
    const told = { kind: 'tunnel-down', port: tunnel.port } as const;
    const how = standing(watched, tunnel);
    const since = downFor(watched, tunnel, now);
    const lasted = since ?? 0;
    if (how === 'unknown') return { ...told, state: 'unknown', text: '' };
    if (how !== 'down') return { ...told, state: 'off', text: '' };
    const isLong = lasted >= limit * 60_000;
    const length = isLong ? ` for more than ${minutes(limit)}` : '';
    const text = `${tunnel.word}${length} (${tunnel.code}), since ${formatInstant(new Date(now - lasted).toISOString())}`;
    return { ...told, state: isLong ? 'on' : 'unknown', text };
  });
}

/** The tenant's own drops take every port with them: those of a port count beyond them only. */
function flapping(watched: Watched, limit: number): Notified[] {
  const own = watched.drops(0);
  const ports = new Set([0, ...watched.tunnels.map((tunnel) => tunnel.port ?? 0)]);
  return [...ports].map((port): Notified => {
    const drops = port === 0 ? own : watched.drops(port) - own;
    // Over only once it has calmed down, so that it does not come and go itself.
    const state = drops >= limit ? 'on' : drops <= limit / 2 ? 'off' : 'unknown';
    return {
      kind: 'tunnel-flapping',
      port: port === 0 ? null : port,
      state,
      text: `dropped ${drops} times within an hour`,
    };
  });
}

/** Fewer ports than this are used up by whoever was given what they need **[ours]**. */
const ampleQuota = 10;

/**
 * Repositories that found no port are always worth a word. A share is so only of an allotment of ten ports or more: with
 * fewer, whoever uses exactly what was asked for would be above it for good. Only what the tenant's own sessions forward
 * counts: a port that another process holds is not in the tenant's use. Without a session nothing is forwarded, which
 * says nothing of how full the allotment is: that begins nothing, and ends nothing for an hour, in which it may come back.
 */
function quota(watched: Watched, limit: number, now: number): Notified[] {
  const { tenant } = watched;
  const told = { kind: 'quota-nearly-used', port: null } as const;
  const ports = countPorts(tenant.ports);
  if (ports === 0 || tenant.suspended) return [{ ...told, state: 'off', text: '' }];
  if (tenant.sessions.length === 0) {
    const endedAt = tenant.lastSession === null ? 0 : Date.parse(tenant.lastSession.endedAt);
    return [{ ...told, state: now - endedAt < hourMs ? 'unknown' : 'off', text: '' }];
  }
  const taken = tenant.forwards.filter(
    (forward) => forward.listener !== null && forward.sessionPid !== null,
  ).length;
  const wanted = countUnplaced(tenant);
  const isNearlyFull = ports >= ampleQuota && taken * 100 >= limit * ports;
  const text = `${taken} of ${ports} ports taken${wanted > 0 ? `, and ${wanted} more wanted` : ''}`;
  return [{ ...told, state: wanted > 0 || isNearlyFull ? 'on' : 'off', text }];
}

/** A key that is on its way out is not worth a word. */
function oldKeys(watched: Watched, limit: number, now: number): Notified[] {
  return watched.tenant.keys.map((key): Notified => {
    const age = now - Date.parse(key.addedAt);
    return {
      kind: 'key-old',
      port: null,
      of: key.fingerprint,
      state: key.expiresAt === null && age > limit * dayMs ? 'on' : 'off',
      text: `key ${key.fingerprint} is ${formatDuration(age)} old`,
    };
  });
}

/**
 * What there is to say of each tenant, by subject. A subject that is raised and not among them is over, unless its
 * tenant's appliance does not answer or the tenant is down as a whole (`keepsOpen`).
 */
export function evaluateNotifications(input: {
  watched: readonly Watched[];
  rules: NotificationRules;
  now: number;
}): Verdict[] {
  const { rules, now } = input;
  return input.watched.flatMap((watched) => {
    const told = [
      ...(rules.downMinutes === null ? [] : down(watched, rules.downMinutes, now)),
      ...(rules.flapsPerHour === null ? [] : flapping(watched, rules.flapsPerHour)),
      ...(rules.quotaPercent === null ? [] : quota(watched, rules.quotaPercent, now)),
      ...(rules.keyDays === null ? [] : oldKeys(watched, rules.keyDays, now)),
    ];
    return told.map(({ of, ...one }): Verdict => ({
      ...one,
      ...(watched.isFresh ? {} : { state: 'unknown', text: '' }),
      applianceId: watched.applianceId,
      clientId: watched.tenant.clientId,
      subject: subjectOf(watched, one.kind, of ?? `${one.port ?? ''}`),
    }));
  });
}

/** What a notification is about, as one text: the same thing is raised once. */
function subjectOf(watched: Watched, kind: Notification['kind'], what: string): string {
  return `${kind} ${ownerOf(watched)} ${what}`;
}

/** What holds of the tenant as a whole, for a port of it that is not seen because more than it is down. */
export function fullSubject(watched: Watched, kind: Notification['kind']): string {
  return subjectOf(watched, kind, '');
}

/** The tenant's part of its subjects. */
export function ownerOf(watched: Pick<Watched, 'placeName' | 'tenant'>): string {
  return `${encodeURIComponent(watched.placeName)} ${watched.tenant.clientId}`;
}

/** The same of a subject that was kept. */
export function subjectOwner(subject: string): string {
  return subject.split(' ').slice(1, 3).join(' ');
}

/** Whether what is open and is told of no more stays open: its tunnel is not seen because more than it is down. */
export function keepsOpen(watched: Watched | undefined, kind: Notification['kind']): boolean {
  if (watched === undefined) return false;
  if (!watched.isFresh) return true;
  const isDown = watched.tunnels.every((tunnel) => {
    const how = standing(watched, tunnel);
    return tunnel.port === null && (how === 'down' || how === 'unknown');
  });
  return kind.startsWith('tunnel') && isDown;
}

/** `minuteOfDay` on the console's own clock. Hours that begin and end alike are the whole day. */
export function isQuiet(hours: NotificationRules['quietHours'], minuteOfDay: number): boolean {
  if (hours === null) return false;
  const [from, to] = [minuteOf(hours.from), minuteOf(hours.to)];
  return from < to ? from <= minuteOfDay && minuteOfDay < to : from <= minuteOfDay || minuteOfDay < to;
}

function minuteOf(time: string): number {
  const [hours = '0', rest = '0'] = time.split(':');
  return Number(hours) * 60 + Number(rest);
}
