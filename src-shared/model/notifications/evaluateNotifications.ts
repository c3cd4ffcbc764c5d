import type { LicenceReminder } from '../licence/licenceReminders.ts';
import { formatInstant, minuteMs } from '../../base/time.ts';
import { availabilityNow, type WatchedTenant } from './evaluators.ts';
import {
  notificationKindNames,
  notificationKinds,
  type NotificationKind,
  type NotificationRules,
} from './kinds.ts';

/** An alert of a rule that watches logs. `clientId` is empty if it is about no tenant. */
export type LogAlert = { id: string; applianceId: string; clientId: string; text: string };

/** An amount of an appliance's month that is above its limit. */
export type UsageAlert = { id: string; applianceId: string; text: string };

/** An appliance that the console is to see. */
export type WatchedAppliance = {
  applianceId: string;
  /** When it answered last while it was watched, or when watching began; epoch ms. */
  seenAt: number;
  /** Whether it answered at all since watching began. */
  hasAnswered: boolean;
  /** Why it can't be seen, as far as that is known; empty if it is not. */
  reason: string;
};

/**
 * Evaluates every enabled rule for every tenant. Open notifications that the result does not contain are to
 * be cleared, unless `staysOpen` returns true for them.
 */
export function evaluateNotifications(input: {
  watched: readonly WatchedTenant[];
  /** The appliances that are watched now. */
  appliances?: readonly WatchedAppliance[];
  /** The reminders about each licence that are due now. */
  reminders?: readonly { applianceId: string; reminders: readonly LicenceReminder[] }[];
  /** The alerts of rules that watch logs. */
  alerts?: readonly LogAlert[];
  /** The amounts that are above their limits. */
  amounts?: readonly UsageAlert[];
  rules: NotificationRules;
  now: number;
}) {
  const { rules, now } = input;
  const ofTenants = input.watched.flatMap((watched) => {
    const owner = subjectOwnerOf(watched);
    return notificationKindNames.flatMap((kind) => {
      const facts = notificationKinds[kind];
      if (facts.about !== 'tenant') return [];
      const limit = rules[facts.rule];
      if (limit === null) return [];
      const evaluations = facts.evaluate(watched, { limit, now });
      return evaluations.map(({ detail, port, state, text }) => ({
        port,
        state: watched.isFresh ? state : ('unknown' as const),
        text: watched.isFresh ? text : '',
        kind,
        applianceId: watched.applianceId,
        clientId: watched.tenant.clientId,
        subject: subjectOf(owner, kind, detail ?? `${port ?? ''}`),
      }));
    });
  });
  const ofLicences = (input.reminders ?? []).flatMap(({ applianceId, reminders }) =>
    reminders.map(({ id, text }) => alertOf('licence-due', { id, applianceId, clientId: '', text })),
  );
  const ofLogs = (input.alerts ?? []).map((alert) => alertOf('log-watch', alert));
  const ofUsage = (input.amounts ?? []).map((alert) => alertOf('usage-amount', { ...alert, clientId: '' }));
  const { unseenMinutes: limit } = rules;
  const ofAppliances =
    limit === null ? [] : (input.appliances ?? []).map((each) => evaluateUnseen(each, { limit, now }));
  return [...ofAppliances, ...ofTenants, ...ofLicences, ...ofLogs, ...ofUsage];
}

/** After a start, an appliance that did not answer yet neither raises nor clears a notification. */
function evaluateUnseen(
  { applianceId, seenAt, hasAnswered, reason }: WatchedAppliance,
  { limit, now }: { limit: number; now: number },
) {
  const isLong = now - seenAt >= limit * minuteMs;
  const why = reason === '' ? '' : `: ${reason}`;
  return {
    ...alertOf('appliance-unseen', {
      id: '',
      applianceId,
      clientId: '',
      text: `no answer since ${formatInstant(new Date(seenAt).toISOString())}${why}`,
    }),
    state: isLong ? ('on' as const) : hasAnswered ? ('off' as const) : ('unknown' as const),
  };
}

/** A notification that lasts as long as it is listed. */
function alertOf(
  kind: 'appliance-unseen' | 'licence-due' | 'log-watch' | 'usage-amount',
  { id, applianceId, clientId, text }: LogAlert,
) {
  return {
    port: null,
    state: 'on' as const,
    text,
    kind,
    applianceId,
    clientId,
    subject: `${kind} ${applianceId} ${id}`,
  };
}

/**
 * Identifies a notification. While a notification is open, no second one with the same subject is raised.
 */
function subjectOf(owner: string, kind: NotificationKind, detail: string): string {
  return `${kind} ${owner} ${detail}`;
}

/** The subject of a notification that concerns the whole tenant. */
export function tenantNotificationSubject(watched: WatchedTenant, kind: NotificationKind): string {
  return subjectOf(subjectOwnerOf(watched), kind, '');
}

/** The part of a subject that identifies the tenant and its appliance or cluster. */
export function subjectOwnerOf(watched: Pick<WatchedTenant, 'placeName' | 'tenant'>): string {
  return `${encodeURIComponent(watched.placeName.toWellFormed())} ${watched.tenant.clientId}`;
}

/** Reads the part that `subjectOwnerOf` returns from a stored subject. */
export function readSubjectOwner(subject: string): string {
  return subject.split(' ').slice(1, 3).join(' ');
}

/**
 * Whether an open notification stays open although the evaluation did not return it. True if its appliance
 * doesn't answer, or if its tunnel can't be seen because the whole tenant is down.
 */
export function staysOpen(watched: WatchedTenant | undefined, kind: NotificationKind): boolean {
  if (watched === undefined) return false;
  if (!watched.isFresh) return true;
  const isDown = watched.tunnels.every((tunnel) => {
    const availability = availabilityNow(watched, tunnel);
    return tunnel.port === null && (availability === 'down' || availability === 'unknown');
  });
  return notificationKinds[kind].isAboutTunnel && isDown;
}

/** `minuteOfDay` is the console's local time. If start and end are equal, the whole day is quiet. */
export function isQuiet(hours: NotificationRules['quietHours'], minuteOfDay: number): boolean {
  if (hours === null) return false;
  const [from, to] = [minuteOf(hours.from), minuteOf(hours.to)];
  return from < to ? from <= minuteOfDay && minuteOfDay < to : from <= minuteOfDay || minuteOfDay < to;
}

function minuteOf(time: string): number {
  const [hours = '0', rest = '0'] = time.split(':');
  return Number(hours) * 60 + Number(rest);
}
