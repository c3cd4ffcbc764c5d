import { AppError } from '../../../src-shared/errors.ts';
import { quoteText } from '../../../src-shared/base/machineText.ts';
import { notificationKindNames } from '../../../src-shared/model/notifications/kinds.ts';
import type { Notification } from '../../../src-shared/model/notifications/notification.ts';
import {
  targetSchema,
  targetStateSchema,
  type Target,
  type TargetState,
} from '../../../src-shared/model/notifications/targets.ts';
import type { Store } from '../../store/store.ts';
import { readNotifications, selectNotifications } from '../notificationRows.ts';

type DeliveryEvent = 'raised' | 'cleared';
export type Delivery = { notificationId: string; event: DeliveryEvent };
type Outcome = 'sent' | 'skipped' | 'lost';

const table = 'notificationTarget' as const;
const problemSchema = targetStateSchema.shape.problem;

/** Reads and writes targets and what was sent to them. */
export function createTargetRows({ store }: { store: Store }) {
  const { query } = store;

  /** The notifications whose `event` is not recorded for a target yet. */
  function selectPending(targetId: string, event: DeliveryEvent) {
    const recorded = (which: DeliveryEvent) =>
      query
        .selectFrom('notificationDelivery')
        .select('notificationDelivery.notificationId')
        .where('notificationDelivery.targetId', '=', targetId)
        .where('notificationDelivery.event', '=', which);
    const pending = selectNotifications(query)
      .where('notification.kind', 'in', notificationKindNames)
      .where('notification.id', 'not in', recorded(event));
    if (event === 'raised') return pending;
    // Only a target that heard of a problem hears of its end.
    return pending
      .where('notification.clearedAt', 'is not', null)
      .where('notification.id', 'in', recorded('raised').where('notificationDelivery.outcome', '=', 'sent'));
  }
  const hasTarget = (id: string): boolean =>
    store.first(query.selectFrom(table).select('id').where('id', '=', id)) !== undefined;
  const countWaiting = (targetId: string): number => store.all(selectPending(targetId, 'raised')).length;

  return {
    /** Leaves out targets that this version does not know. */
    list: (): TargetState[] =>
      store.all(query.selectFrom(table).selectAll().orderBy('name')).flatMap((row) => {
        const target = targetSchema.safeParse(JSON.parse(row.targetJson)).data;
        const { sent, lost, lastSentAt, problemJson } = row;
        const problem = problemSchema.safeParse(JSON.parse(problemJson ?? 'null')).data ?? null;
        return target === undefined
          ? []
          : [{ target, sent, lost, waiting: countWaiting(target.id), lastSentAt, problem }];
      }),
    targets: (): Target[] =>
      store
        .all(query.selectFrom(table).select('targetJson').orderBy('name'))
        .flatMap(({ targetJson }) => targetSchema.safeParse(JSON.parse(targetJson)).data ?? []),
    /** Adds a target that gets what is raised from now on. Throws ALREADY_EXISTS. */
    add: (target: Target): void =>
      store.write(() => {
        const { id, name } = target;
        const known = store.first(query.selectFrom(table).select('id').where('name', '=', name));
        if (known !== undefined)
          throw new AppError('ALREADY_EXISTS', `There is a target named ${quoteText(name)} already.`);
        const targetJson = JSON.stringify(target);
        store.run(query.insertInto(table).values({ id, name, targetJson, sent: 0, lost: 0 }));
        for (const notification of store.all(query.selectFrom('notification').select('id')))
          store.run(
            query.insertInto('notificationDelivery').values({
              targetId: id,
              notificationId: notification.id,
              event: 'raised',
              outcome: 'skipped',
            }),
          );
      }),
    remove: (id: string): void => {
      store.run(query.deleteFrom(table).where('id', '=', id));
    },
    /**
     * The oldest notifications whose `event` was neither sent to the target nor skipped. None for a removed target, with which
     * the record of what it has is gone.
     */
    pending: (targetId: string, event: DeliveryEvent, limit: number): Notification[] => {
      if (!hasTarget(targetId)) return [];
      const pending = selectPending(targetId, event)
        .orderBy(event === 'raised' ? 'notification.raisedAt' : 'notification.clearedAt')
        .orderBy('notification.subject')
        .limit(limit);
      return readNotifications(store.all(pending));
    },
    /** Records deliveries in one transaction. One whose target or notification is gone is left out. */
    record: (
      targetId: string,
      deliveries: readonly Delivery[],
      { outcome, at }: { outcome: Outcome; at: string },
    ): void =>
      store.write(() => {
        const target = store.first(
          query.selectFrom(table).select(['sent', 'lost']).where('id', '=', targetId),
        );
        if (target === undefined) return;
        for (const { notificationId, event } of deliveries) {
          const isKept = query.selectFrom('notification').select('id').where('id', '=', notificationId);
          if (store.first(isKept) === undefined) continue;
          store.run(
            query.replaceInto('notificationDelivery').values({ targetId, notificationId, event, outcome }),
          );
        }
        const count = deliveries.length;
        const change =
          outcome === 'sent'
            ? { sent: target.sent + count, lastSentAt: at, problemJson: null }
            : { lost: target.lost + (outcome === 'lost' ? count : 0) };
        store.run(query.updateTable(table).set(change).where('id', '=', targetId));
      }),
    setProblem: (targetId: string, problem: NonNullable<TargetState['problem']> | null): void => {
      const problemJson = problem === null ? null : JSON.stringify(problem);
      store.run(query.updateTable(table).set({ problemJson }).where('id', '=', targetId));
    },
  };
}

export type TargetRows = ReturnType<typeof createTargetRows>;
