import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import {
  keepsOpen,
  isQuiet,
  evaluateNotifications,
  ownerOf,
  subjectOwner,
  fullSubject,
  type Watched,
} from '../../src-shared/model/notifications/evaluateNotifications.ts';
import {
  defaultNotificationRules,
  notificationRulesSchema,
  notificationSchema,
  type Notification,
  type NotificationRules,
} from '../../src-shared/model/notifications/notification.ts';
import type { Audit } from '../audit/audit.ts';
import type { Log } from '../base/log.ts';
import type { Ports } from '../tunnels/ports.ts';
import { createSetting } from '../store/settings.ts';
import type { Store } from '../store/store.ts';
import { createEmitter } from '../../src-shared/base/emitter.ts';
import { every } from '../../src-shared/node/every.ts';

const evaluateEveryMs = 5_000;
const hourMs = 3_600_000;
const keptMs = 7 * 24 * hourMs;
/** A tenant that reconnects takes its ports one by one: it is not below its quota before it is so for this long. */
const settledMs = 60_000;

/** Speaks up by itself about what lasts, comes and goes, or runs out. */
export type Notifications = {
  list: () => { notifications: Notification[]; unseen: number };
  /** Those with these ids, or whatever is unseen. What is seen already, or unknown, is left. */
  markSeen: (which: { ids: readonly string[] } | { all: true }) => void;
  rules: () => NotificationRules;
  /** Resolves once it is recorded and done. */
  setRules: (rules: NotificationRules) => Promise<void>;
  onChange: (listener: () => void) => () => void;
  close: () => void;
};

type Options = {
  ports: Pick<Ports, 'tenants' | 'remembered' | 'isHeld'>;
  audit: Pick<Audit, 'act'>;
  store: Store;
  clock: () => number;
  log: Log;
};

/** What rules are judged on; a cluster's tenant is one, whichever member tells of it. */
function watchedNow(ports: Options['ports'], now: number): Watched[] {
  const known = new Map<string, ReturnType<Ports['remembered']>>();
  const drops = new Map<string, ReturnType<ReturnType<Ports['remembered']>['dropsSince']>>();
  return ports.tenants(null).map((view): Watched => {
    const { applianceId, cluster, tenant } = view;
    const remembered = known.get(applianceId) ?? ports.remembered(applianceId);
    known.set(applianceId, remembered);
    const dropsOf = drops.get(applianceId) ?? remembered.dropsSince(now - hourMs);
    drops.set(applianceId, dropsOf);
    return {
      applianceId,
      placeName: cluster === null ? applianceId : `cluster ${cluster.name}`,
      isFresh: view.tunnels[0]?.layers[0]?.state === 'ok',
      mayBeElsewhere:
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

export function createNotifications(options: Options): Notifications {
  const { store, clock, log } = options;
  const { query } = store;
  const setting = createSetting({
    store,
    key: 'notification.rules',
    schema: notificationRulesSchema,
    initial: defaultNotificationRules,
  });
  const changes = createEmitter();
  const overSince = new Map<string, number>();
  let prunedAt = Number.NEGATIVE_INFINITY;
  const iso = () => new Date(clock()).toISOString();

  /** Another console raises, clears and marks, too. */
  const state = () =>
    JSON.stringify(
      store.first(
        query
          .selectFrom('notification')
          .select((each) => [
            each.fn.countAll().as('all'),
            each.fn.count('cleared_at').as('cleared'),
            each.fn.count('seen_at').as('seen'),
            each.fn.max('raised_at').as('last'),
            sql`group_concat(text)`.as('texts'),
          ]),
      ),
    );
  let lastState = state();
  const stopForeign = store.onForeignChange(() => {
    const now = state();
    if (now === lastState) return;
    lastState = now;
    changes.emit();
  });

  /** Whether it has been over for long enough. */
  function isOver(row: { id: string; kind: string }, now: number): boolean {
    if (row.kind !== 'quota-nearly-used') return true;
    const since = overSince.get(row.id) ?? now;
    overSince.set(row.id, since);
    return now - since >= settledMs;
  }

  function evaluate(): void {
    const now = clock();
    const rules = setting.get();
    const watched = watchedNow(options.ports, now);
    const byWhose = new Map(watched.map((one) => [ownerOf(one), one]));
    const verdicts = new Map(
      evaluateNotifications({ watched, rules, now }).map((verdict) => [verdict.subject, verdict]),
    );
    const verdictOfWhole = (row: { subject: string; kind: string }) => {
      const one = byWhose.get(subjectOwner(row.subject));
      return one === undefined || row.kind !== 'tunnel-down'
        ? undefined
        : verdicts.get(fullSubject(one, row.kind));
    };
    const changed = store.write(() => {
      const open = store.all(
        query
          .selectFrom('notification')
          .select(['id', 'subject', 'kind', 'text'])
          .where('cleared_at', 'is', null),
      );
      const over = open.filter((row) => {
        const verdict = verdicts.get(row.subject);
        const kind = notificationSchema.shape.kind.safeParse(row.kind).data;
        if (kind === undefined || isTurnedOff(rules, kind)) return true;
        if (verdict?.state === 'off') return isOver(row, now);
        overSince.delete(row.id);
        return verdict === undefined && !keepsOpen(byWhose.get(subjectOwner(row.subject)), kind);
      });
      for (const { id } of over) {
        overSince.delete(id);
        store.run(query.updateTable('notification').set({ cleared_at: iso() }).where('id', '=', id));
      }
      const goesOn = open.filter((row) => !over.includes(row));
      const told = goesOn.filter((row) => {
        const text = (verdicts.get(row.subject) ?? verdictOfWhole(row))?.text ?? '';
        if (text === '' || text === row.text) return false;
        store.run(query.updateTable('notification').set({ text }).where('id', '=', row.id));
        return true;
      });
      const isOpen = new Set(open.map((row) => row.subject));
      const begun = [...verdicts.values()].filter(
        (verdict) => verdict.state === 'on' && !isOpen.has(verdict.subject),
      );
      const quiet = isQuiet(rules.quietHours, minuteOfDay(now)) ? 1 : 0;
      for (const verdict of begun)
        store.run(
          query
            .insertInto('notification')
            .values({
              id: randomUUID(),
              subject: verdict.subject,
              appliance_id: verdict.applianceId,
              client_id: verdict.clientId,
              port: verdict.port,
              kind: verdict.kind,
              text: verdict.text,
              raised_at: iso(),
              cleared_at: null,
              seen_at: null,
              quiet,
            })
            .onConflict((conflict) => conflict.doNothing()),
        );
      return over.length + told.length + begun.length > 0;
    });
    if (changed) {
      lastState = state();
      changes.emit();
    }
    if (now - prunedAt < hourMs) return;
    prunedAt = now;
    store.run(
      query.deleteFrom('notification').where('cleared_at', '<', new Date(now - keptMs).toISOString()),
    );
  }

  function evaluateIfWatched(): void {
    if (options.ports.isHeld()) evaluate();
  }
  const onError = (thrown: unknown) => log.error({ err: thrown }, 'notifications not evaluated');
  const stopTimer = every({ everyMs: evaluateEveryMs, work: evaluateIfWatched, onError });

  return {
    list: () => {
      const rows = store.all(
        query
          .selectFrom('notification')
          .innerJoin('appliance', 'appliance.id', 'notification.appliance_id')
          .selectAll('notification')
          .select('appliance.name as appliance_name')
          .orderBy('raised_at', 'desc')
          .orderBy('subject'),
      );
      // A kind that this version does not know any more is left out.
      const notifications = rows.flatMap(
        (row) =>
          notificationSchema.safeParse({
            id: row.id,
            kind: row.kind,
            applianceId: row.appliance_id,
            applianceName: row.appliance_name,
            clientId: row.client_id,
            port: row.port,
            text: row.text,
            raisedAt: row.raised_at,
            clearedAt: row.cleared_at,
            seenAt: row.seen_at,
            quiet: row.quiet === 1,
          }).data ?? [],
      );
      return { notifications, unseen: notifications.filter((one) => one.seenAt === null).length };
    },
    markSeen: (which) => {
      if ('ids' in which && which.ids.length === 0) return;
      const unseen = query.updateTable('notification').set({ seen_at: iso() }).where('seen_at', 'is', null);
      const seen = store.run('ids' in which ? unseen.where('id', 'in', [...which.ids]) : unseen);
      if (seen === 0) return;
      lastState = state();
      changes.emit();
    },
    rules: setting.get,
    setRules: async (rules) => {
      await options.audit.act(
        {
          event: 'notification.rules',
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
    onChange: changes.on,
    close: () => {
      stopTimer();
      stopForeign();
    },
  };
}

function isTurnedOff(rules: NotificationRules, kind: Notification['kind']): boolean {
  switch (kind) {
    case 'tunnel-down':
      return rules.downMinutes === null;
    case 'tunnel-flapping':
      return rules.flapsPerHour === null;
    case 'quota-nearly-used':
      return rules.quotaPercent === null;
    case 'key-old':
      return rules.keyDays === null;
  }
}
