import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import {
  keepsOpen,
  isQuiet,
  evaluateNotifications,
  ownerOf,
  subjectOwner,
  fullSubject,
} from '../../src-shared/model/notifications/evaluateNotifications.ts';
import type { Watched } from '../../src-shared/model/notifications/evaluators.ts';
import {
  notificationKinds,
  notificationRulesSchema,
  type NotificationKind,
  type NotificationRules,
} from '../../src-shared/model/notifications/kinds.ts';
import { notificationSchema } from '../../src-shared/model/notifications/notification.ts';
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

export type Notifications = ReturnType<typeof createNotifications>;

const kindSchema = notificationSchema.shape.kind;

type Options = {
  ports: Pick<Ports, 'tenants' | 'remembered' | 'isHeld'>;
  audit: Pick<Audit, 'act'>;
  store: Store;
  clock: () => number;
  log: Log;
};

/** Every tenant with its tunnels and history. A cluster's tenant is listed once. */
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

/** Raises notifications about lasting outages, flapping and what runs out, and clears them. */
export function createNotifications(options: Options) {
  const { store, clock, log } = options;
  const { query } = store;
  const setting = createSetting({ store, key: 'notification.rules', schema: notificationRulesSchema });
  const changes = createEmitter();
  const overSince = new Map<string, number>();
  let prunedAt = Number.NEGATIVE_INFINITY;
  const iso = () => new Date(clock()).toISOString();

  /** A digest of the stored notifications, to notice those that another console changes. */
  const state = () =>
    JSON.stringify(
      store.first(
        query
          .selectFrom('notification')
          .select((each) => [
            each.fn.countAll().as('all'),
            each.fn.count('clearedAt').as('cleared'),
            each.fn.count('seenAt').as('seen'),
            each.fn.max('raisedAt').as('last'),
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

  /** Whether the notification has been over for as long as its kind demands. */
  function isSettled(row: { id: string; kind: NotificationKind }, now: number): boolean {
    const since = overSince.get(row.id) ?? now;
    overSince.set(row.id, since);
    return now - since >= notificationKinds[row.kind].settleMs;
  }

  /** A kind that this version does not know is null. */
  function readOpen() {
    const rows = store.all(
      query
        .selectFrom('notification')
        .select(['id', 'subject', 'kind', 'text'])
        .where('clearedAt', 'is', null),
    );
    return rows.map((row) => ({ ...row, kind: kindSchema.safeParse(row.kind).data ?? null }));
  }

  function evaluate(): void {
    const now = clock();
    const rules = setting.get();
    const watched = watchedNow(options.ports, now);
    const owners = new Map(watched.map((tenant) => [ownerOf(tenant), tenant]));
    const evaluations = new Map(
      evaluateNotifications({ watched, rules, now }).map((evaluation) => [evaluation.subject, evaluation]),
    );
    const hasCleared = (row: { id: string; subject: string; kind: NotificationKind }) => {
      const evaluation = evaluations.get(row.subject);
      if (rules[notificationKinds[row.kind].rule] === null) return true;
      if (evaluation?.state === 'off') return isSettled(row, now);
      overSince.delete(row.id);
      return evaluation === undefined && !keepsOpen(owners.get(subjectOwner(row.subject)), row.kind);
    };
    const textFor = (row: { subject: string; kind: NotificationKind }) => {
      const owner = owners.get(subjectOwner(row.subject));
      const ofTenant =
        owner !== undefined && notificationKinds[row.kind].takesTenantText
          ? evaluations.get(fullSubject(owner, row.kind))
          : undefined;
      return (evaluations.get(row.subject) ?? ofTenant)?.text ?? '';
    };
    const changed = store.write(() => {
      const open = readOpen();
      const cleared = open.filter((row) => row.kind === null || hasCleared({ ...row, kind: row.kind }));
      for (const { id } of cleared) {
        overSince.delete(id);
        store.run(query.updateTable('notification').set({ clearedAt: iso() }).where('id', '=', id));
      }
      let rewritten = 0;
      for (const row of open) {
        if (row.kind === null || cleared.includes(row)) continue;
        const text = textFor({ ...row, kind: row.kind });
        if (text === '' || text === row.text) continue;
        store.run(query.updateTable('notification').set({ text }).where('id', '=', row.id));
        rewritten += 1;
      }
      const isOpen = new Set(open.map((row) => row.subject));
      const raised = [...evaluations.values()].filter(
        (evaluation) => evaluation.state === 'on' && !isOpen.has(evaluation.subject),
      );
      const quiet = isQuiet(rules.quietHours, minuteOfDay(now)) ? 1 : 0;
      for (const evaluation of raised)
        store.run(
          query
            .insertInto('notification')
            .values({
              id: randomUUID(),
              subject: evaluation.subject,
              applianceId: evaluation.applianceId,
              clientId: evaluation.clientId,
              port: evaluation.port,
              kind: evaluation.kind,
              text: evaluation.text,
              raisedAt: iso(),
              clearedAt: null,
              seenAt: null,
              quiet,
            })
            .onConflict((conflict) => conflict.doNothing()),
        );
      return cleared.length + rewritten + raised.length > 0;
    });
    if (changed) {
      lastState = state();
      changes.emit();
    }
    if (now - prunedAt < hourMs) return;
    prunedAt = now;
    store.run(query.deleteFrom('notification').where('clearedAt', '<', new Date(now - keptMs).toISOString()));
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
          .innerJoin('appliance', 'appliance.id', 'notification.applianceId')
          .selectAll('notification')
          .select('appliance.name as applianceName')
          .orderBy('raisedAt', 'desc')
          .orderBy('subject'),
      );
      // A kind that this version does not know is left out.
      const notifications = rows.flatMap(
        (row) => notificationSchema.safeParse({ ...row, quiet: row.quiet === 1 }).data ?? [],
      );
      return { notifications, unseen: notifications.filter(({ seenAt }) => seenAt === null).length };
    },
    /** Keeps the time of those that are seen already, and ignores unknown ids. */
    markSeen: (which: { ids: readonly string[] } | { all: true }): void => {
      if ('ids' in which && which.ids.length === 0) return;
      const unseen = query.updateTable('notification').set({ seenAt: iso() }).where('seenAt', 'is', null);
      const seen = store.run('ids' in which ? unseen.where('id', 'in', [...which.ids]) : unseen);
      if (seen === 0) return;
      lastState = state();
      changes.emit();
    },
    rules: setting.get,
    /** Resolves once the rules are recorded and applied. */
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
    onChange: changes.on,
    close: () => {
      stopTimer();
      stopForeign();
    },
  };
}
