import { availabilityNow, type Watched } from './evaluators.ts';
import {
  notificationKindNames,
  notificationKinds,
  type NotificationKind,
  type NotificationRules,
} from './kinds.ts';

/**
 * Evaluates every rule that is on for every tenant. A raised subject that is not among the results has cleared, unless
 * `keepsOpen` holds for it.
 */
export function evaluateNotifications(input: {
  watched: readonly Watched[];
  rules: NotificationRules;
  now: number;
}) {
  const { rules, now } = input;
  return input.watched.flatMap((watched) =>
    notificationKindNames.flatMap((kind) => {
      const limit = rules[notificationKinds[kind].rule];
      if (limit === null) return [];
      const evaluations = notificationKinds[kind].evaluate(watched, { limit, now });
      return evaluations.map(({ detail, ...evaluation }) => ({
        ...evaluation,
        ...(watched.isFresh ? {} : { state: 'unknown' as const, text: '' }),
        kind,
        applianceId: watched.applianceId,
        clientId: watched.tenant.clientId,
        subject: subjectOf(watched, kind, detail ?? `${evaluation.port ?? ''}`),
      }));
    }),
  );
}

/** Identifies a notification: a subject that is raised is not raised again. */
function subjectOf(watched: Watched, kind: NotificationKind, detail: string): string {
  return `${kind} ${ownerOf(watched)} ${detail}`;
}

/** The subject of the tenant as a whole. */
export function fullSubject(watched: Watched, kind: NotificationKind): string {
  return subjectOf(watched, kind, '');
}

/** The part of a subject that identifies the tenant. */
export function ownerOf(watched: Pick<Watched, 'placeName' | 'tenant'>): string {
  return `${encodeURIComponent(watched.placeName)} ${watched.tenant.clientId}`;
}

/** The same part of a stored subject. */
export function subjectOwner(subject: string): string {
  return subject.split(' ').slice(1, 3).join(' ');
}

/** Whether an open notification without a result stays open: its tunnel can't be seen while the whole tenant is down. */
export function keepsOpen(watched: Watched | undefined, kind: NotificationKind): boolean {
  if (watched === undefined) return false;
  if (!watched.isFresh) return true;
  const isDown = watched.tunnels.every((tunnel) => {
    const availability = availabilityNow(watched, tunnel);
    return tunnel.port === null && (availability === 'down' || availability === 'unknown');
  });
  return notificationKinds[kind].isAboutTunnel && isDown;
}

/** `minuteOfDay` is by the console's clock. Equal start and end mean the whole day. */
export function isQuiet(hours: NotificationRules['quietHours'], minuteOfDay: number): boolean {
  if (hours === null) return false;
  const [from, to] = [minuteOf(hours.from), minuteOf(hours.to)];
  return from < to ? from <= minuteOfDay && minuteOfDay < to : from <= minuteOfDay || minuteOfDay < to;
}

function minuteOf(time: string): number {
  const [hours = '0', rest = '0'] = time.split(':');
  return Number(hours) * 60 + Number(rest);
}
