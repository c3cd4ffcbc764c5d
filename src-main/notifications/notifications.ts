import {
  staysOpen,
  isQuiet,
  evaluateNotifications,
  subjectOwnerOf,
  readSubjectOwner,
  tenantNotificationSubject,
  type LogAlert,
  type UsageAlert,
  type WatchedAppliance,
} from '../../src-shared/model/notifications/evaluateNotifications.ts';
import type { LicenceReminder } from '../../src-shared/model/licence/licenceReminders.ts';
import type { WatchedTenant } from '../../src-shared/model/notifications/evaluators.ts';
import {
  notificationKinds,
  type NotificationKind,
  type NotificationRules,
} from '../../src-shared/model/notifications/kinds.ts';
import { settingGroups } from '../../src-shared/model/policy/settingGroups.ts';
import type { Audit } from '../audit/audit.ts';
import type { Log } from '../base/log.ts';
import type { Ports } from '../tunnels/ports.ts';
import type { PolicyService } from '../policy/policy.ts';
import { createSetting } from '../store/settings.ts';
import type { Store } from '../store/store.ts';
import { callEvery } from '../../src-shared/node/callEvery.ts';
import { createNotificationRows } from './notificationRows.ts';
import type { ChangeMarks } from '../base/changeFeed.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../../src-shared/base/time.ts';

const evaluateEveryMs = 5 * secondMs;
/** More time passes between two evaluations only if the computer slept or its clock was set. */
const maxGapMs = minuteMs;
const keptMs = 7 * dayMs;

export type Notifications = ReturnType<typeof createNotifications>;

type Options = {
  ports: Pick<Ports, 'tenants' | 'remembered' | 'isHeld'>;
  /** The appliances that are watched; `since` is when watching began, epoch ms. */
  appliances?: (since: number) => readonly WatchedAppliance[];
  /** The reminders about each appliance's licence that are due now. */
  reminders?: () => { applianceId: string; reminders: readonly LicenceReminder[] }[];
  /** The alerts of rules that watch logs, while they last. */
  alerts?: () => readonly LogAlert[];
  /** Amounts of appliances that are above their limits. */
  amounts?: () => readonly UsageAlert[];
  audit: Pick<Audit, 'act'>;
  changes: ChangeMarks;
  store: Store;
  policy: Pick<PolicyService, 'locksOf'>;
  clock: () => number;
  log: Log;
};

/** Collects every tenant with its tunnels and history. A tenant of a cluster is listed once. */
function collectWatched(ports: Options['ports'], now: number): WatchedTenant[] {
  const known = new Map<string, ReturnType<Ports['remembered']>>();
  const drops = new Map<string, ReturnType<ReturnType<Ports['remembered']>['dropsSince']>>();
  return ports.tenants(null).map((view): WatchedTenant => {
    const { applianceId, cluster, tenant } = view;
    const remembered = known.get(applianceId) ?? ports.remembered(applianceId);
    known.set(applianceId, remembered);
    const dropsOf = drops.get(applianceId) ?? remembered.dropsSince(now - hourMs);
    drops.set(applianceId, dropsOf);
    return {
      applianceId,
      placeName: cluster === null ? applianceId : `cluster ${cluster.name}`,
      isFresh: view.tunnels[0]?.layers[0]?.state === 'ok',
      mayBeOnSilentMember:
        cluster?.members.some((member) => member.state === 'unknown' && member.sessions > 0) ?? false,
      tenant,
      tunnels: view.tunnels,
      downSince: (port) => remembered.downSince({ clientId: tenant.clientId, port }),
      drops: (port) => dropsOf({ clientId: tenant.clientId, port }),
    };
  });
}

function minuteOfDay(now: number): number {
  const date = new Date(now);
  return date.getHours() * 60 + date.getMinutes();
}

/** The current text of an open notification; empty if neither it nor its tenant was evaluated. */
function findCurrentText(
  { subject, kind }: { subject: string; kind: NotificationKind },
  current: {
    /** The keys are subjects. */
    evaluations: ReadonlyMap<string, ReturnType<typeof evaluateNotifications>[number]>;
    /** The keys are owners of subjects. */
    owners: ReadonlyMap<string, WatchedTenant>;
  },
): string {
  const owner = current.owners.get(readSubjectOwner(subject));
  const ofTenant =
    owner !== undefined && notificationKinds[kind].takesTenantText
      ? current.evaluations.get(tenantNotificationSubject(owner, kind))
      : undefined;
  return (current.evaluations.get(subject) ?? ofTenant)?.text ?? '';
}

/** Raises and clears notifications about lasting outages, flapping tunnels, and resources that run out. */
export function createNotifications(options: Options) {
  const { store, clock, log } = options;
  const rows = createNotificationRows({ store });
  const setting = createSetting({
    store,
    locks: options.policy.locksOf('notifications'),
    ...settingGroups.notifications,
  });
  const markChanged = () => options.changes.mark({ notifications: true });
  const overSince = new Map<string, number>();
  let watchedSince: number | null = null;
  let evaluatedAt: number | null = null;
  let prunedAt = Number.NEGATIVE_INFINITY;
  const iso = () => new Date(clock()).toISOString();

  let lastDigest = rows.digest();
  const stopForeign = store.onForeignChange(() => {
    const digest = rows.digest();
    if (digest === lastDigest) return;
    lastDigest = digest;
    markChanged();
  });

  /**
   * Whether the condition has been over for as long as its kind requires. The notification clears only then.
   */
  function isSettled(row: { id: string; kind: NotificationKind }, now: number): boolean {
    // After the clock was set back, the time begins again.
    const since = Math.min(overSince.get(row.id) ?? now, now);
    overSince.set(row.id, since);
    return now - since >= notificationKinds[row.kind].settleMs;
  }

  function evaluate(): void {
    const now = clock();
    const rules = setting.get();
    const watched = collectWatched(options.ports, now);
    const owners = new Map(watched.map((tenant) => [subjectOwnerOf(tenant), tenant]));
    const evaluations = new Map(
      evaluateNotifications({
        watched,
        appliances: options.appliances?.(watchedSince ?? now) ?? [],
        reminders: options.reminders?.() ?? [],
        alerts: options.alerts?.() ?? [],
        amounts: options.amounts?.() ?? [],
        rules,
        now,
      }).map((evaluation) => [evaluation.subject, evaluation]),
    );
    const hasCleared = (row: { id: string; subject: string; kind: NotificationKind }) => {
      const evaluation = evaluations.get(row.subject);
      const { rule } = notificationKinds[row.kind];
      if (rule !== null && rules[rule] === null) return true;
      if (evaluation?.state === 'off') return isSettled(row, now);
      overSince.delete(row.id);
      return evaluation === undefined && !staysOpen(owners.get(readSubjectOwner(row.subject)), row.kind);
    };
    const isChanged = store.write(() => {
      const open = rows.open();
      const cleared = open.filter((row) => row.kind === null || hasCleared({ ...row, kind: row.kind }));
      for (const { id } of cleared) {
        overSince.delete(id);
        rows.clear(id, iso());
      }
      let rewritten = 0;
      for (const row of open) {
        if (row.kind === null || cleared.includes(row)) continue;
        const text = findCurrentText({ ...row, kind: row.kind }, { evaluations, owners });
        if (text === '' || text === row.text) continue;
        rows.setText(row.id, text);
        rewritten += 1;
      }
      const isOpen = new Set(open.map((row) => row.subject));
      const due = [...evaluations.values()].filter(
        (evaluation) => evaluation.state === 'on' && !isOpen.has(evaluation.subject),
      );
      const reminded = rows.raisedSubjects('licence-due', due.length > 0);
      const raised = due.filter(({ subject }) => !reminded.has(subject));
      const raising = { at: iso(), isQuiet: isQuiet(rules.quietHours, minuteOfDay(now)) };
      for (const evaluation of raised) rows.raise(evaluation, raising);
      return cleared.length + rewritten + raised.length > 0;
    });
    if (isChanged) {
      lastDigest = rows.digest();
      markChanged();
    }
    if (now - prunedAt < hourMs) return;
    prunedAt = now;
    rows.deleteClearedBefore(new Date(now - keptMs).toISOString());
  }

  /** After a sleep, an appliance gets as long to answer as after a start. */
  function evaluateIfWatched(): void {
    const now = clock();
    if (evaluatedAt !== null && Math.abs(now - evaluatedAt) > maxGapMs) watchedSince = null;
    evaluatedAt = now;
    watchedSince = options.ports.isHeld() ? (watchedSince ?? now) : null;
    if (watchedSince !== null) evaluate();
  }
  const onError = (thrown: unknown) => log.error({ err: thrown }, 'could not evaluate notifications');
  const stopTimer = callEvery({ everyMs: evaluateEveryMs, work: evaluateIfWatched, onError });

  return {
    list: () => {
      const notifications = rows.list();
      return { notifications, unseen: notifications.filter(({ seenAt }) => seenAt === null).length };
    },
    /** Ignores unknown IDs. Does not change the time of notifications that are already seen. */
    markSeen: (which: { ids: readonly string[] } | { all: true }): void => {
      if (rows.markSeen('ids' in which ? which.ids : null, iso()) === 0) return;
      lastDigest = rows.digest();
      markChanged();
    },
    rules: setting.get,
    isQuietNow: (): boolean => isQuiet(setting.get().quietHours, minuteOfDay(clock())),
    /** Resolves once the new rules are recorded in the audit trail and evaluated. */
    setRules: async (rules: NotificationRules): Promise<void> => {
      await options.audit.act(
        {
          event: 'notification.change',
          object: 'notifications',
          detail: `${JSON.stringify(setting.get())} → ${JSON.stringify(rules)}`,
        },
        () => setting.set(rules),
      );
      try {
        evaluateIfWatched();
      } catch (thrown) {
        onError(thrown);
      }
    },
    close: () => {
      stopTimer();
      stopForeign();
    },
  };
}
