import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { evaluateNotifications } from '../../src-shared/model/notifications/evaluateNotifications.ts';
import { notificationSchema, type Notification } from '../../src-shared/model/notifications/notification.ts';
import type { Store } from '../store/store.ts';

const kindSchema = notificationSchema.shape.kind;

/** The query of all notifications, each with the name of its appliance. */
export const selectNotifications = (query: Store['query']) =>
  query
    .selectFrom('notification')
    .innerJoin('appliance', 'appliance.id', 'notification.applianceId')
    .selectAll('notification')
    .select('appliance.name as applianceName');

/** Leaves out kinds that this version does not know. */
export const readNotifications = (rows: readonly { quiet: number }[]): Notification[] =>
  rows.flatMap((row) => notificationSchema.safeParse({ ...row, quiet: row.quiet === 1 }).data ?? []);

/**
 * Reads and writes the stored notifications. Times are ISO 8601 text. Every method throws STORE_FAILED if the
 * database fails.
 */
export function createNotificationRows({ store }: { store: Store }) {
  const { query } = store;

  return {
    /** A summary of all rows, to detect changes by another console. */
    digest: (): string =>
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
      ),

    /** All notifications, newest first. Leaves out kinds that this version does not know. */
    list: (): Notification[] =>
      readNotifications(store.all(selectNotifications(query).orderBy('raisedAt', 'desc').orderBy('subject'))),

    /** The notifications that have not cleared. `kind` is null if this version does not know it. */
    open: () => {
      const rows = store.all(
        query
          .selectFrom('notification')
          .select(['id', 'subject', 'kind', 'text'])
          .where('clearedAt', 'is', null),
      );
      return rows.map((row) => ({ ...row, kind: kindSchema.safeParse(row.kind).data ?? null }));
    },

    /**
     * Adds a notification, unless its subject has an open one, because another console may have just raised
     * it.
     */
    raise: (
      { subject, applianceId, clientId, port, kind, text }: ReturnType<typeof evaluateNotifications>[number],
      { at, isQuiet }: { at: string; isQuiet: boolean },
    ): void => {
      const evaluation = { subject, applianceId, clientId, port, kind, text };
      const times = { raisedAt: at, clearedAt: null, seenAt: null };
      store.run(
        query
          .insertInto('notification')
          .values({ id: randomUUID(), ...evaluation, ...times, quiet: isQuiet ? 1 : 0 })
          .onConflict((conflict) => conflict.doNothing()),
      );
    },

    /** The subjects of all kept notifications of a kind, also those that have cleared. Empty unless `isNeeded`. */
    raisedSubjects: (kind: Notification['kind'], isNeeded: boolean): ReadonlySet<string> => {
      if (!isNeeded) return new Set();
      const rows = store.all(query.selectFrom('notification').select('subject').where('kind', '=', kind));
      return new Set(rows.map(({ subject }) => subject));
    },

    setText: (id: string, text: string): void => {
      store.run(query.updateTable('notification').set({ text }).where('id', '=', id));
    },

    clear: (id: string, at: string): void => {
      store.run(query.updateTable('notification').set({ clearedAt: at }).where('id', '=', id));
    },

    /**
     * Marks notifications as seen that are not seen yet: those in `ids`, or all if null. Returns their
     * number.
     */
    markSeen: (ids: readonly string[] | null, at: string): number => {
      if (ids?.length === 0) return 0;
      const unseen = query.updateTable('notification').set({ seenAt: at }).where('seenAt', 'is', null);
      return store.run(ids === null ? unseen : unseen.where('id', 'in', [...ids]));
    },

    deleteClearedBefore: (at: string): void => {
      store.run(query.deleteFrom('notification').where('clearedAt', '<', at));
    },
  };
}
