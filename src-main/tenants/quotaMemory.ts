import type { Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { Store } from '../store/store.ts';

/** SQLite allows 32,766 values per statement, and each row has four. */
const rowsAtOnce = 1_000;

/**
 * Stores the last quota of each tenant that this console saw, because an appliance forgets the quota of a
 * suspended tenant **[doc]**.
 */
export function createQuotaMemory(options: { store: Store; clock: () => number }) {
  const { store } = options;
  /**
   * The lists that are already stored. The same list is passed again when another kind of answer arrives.
   */
  const savedLists = new WeakSet<readonly Tenant[]>();
  const remembered = (applianceId: string) => {
    const { query } = store;
    const rows = query.selectFrom('tenantQuota').where('applianceId', '=', applianceId);
    return new Map(
      store.all(rows.select(['clientId', 'quota'])).map(({ clientId, quota }) => [clientId, quota]),
    );
  };
  const forget = (applianceId: string, clientIds: readonly string[]): void => {
    const rows = store.query.deleteFrom('tenantQuota').where('applianceId', '=', applianceId);
    for (let at = 0; at < clientIds.length; at += rowsAtOnce)
      store.run(rows.where('clientId', 'in', clientIds.slice(at, at + rowsAtOnce)));
  };
  const write = (applianceId: string, gone: readonly string[], news: readonly Tenant[]): void => {
    const seenAt = new Date(options.clock()).toISOString();
    store.write(() => {
      // Another process may have just removed the appliance and its rows.
      const entry = store.query.selectFrom('appliance').select('id').where('id', '=', applianceId);
      if (store.first(entry) === undefined) return;
      forget(applianceId, gone);
      for (let at = 0; at < news.length; at += rowsAtOnce) {
        const rows = news
          .slice(at, at + rowsAtOnce)
          .map(({ clientId, quota }) => ({ applianceId, clientId, quota, seenAt }));
        store.run(store.query.replaceInto('tenantQuota').values(rows));
      }
    });
  };
  return {
    /**
     * Stores new quotas and deletes those of tenants that are no longer listed, so `tenants` must be the
     * whole list. Ignores an empty list, because the appliance may not have listed its tenants yet. Throws
     * STORE_FAILED.
     */
    remember: (applianceId: string, tenants: readonly Tenant[]): void => {
      if (tenants.length === 0 || savedLists.has(tenants)) return;
      const before = remembered(applianceId);
      const listed = new Set(tenants.map(({ clientId }) => clientId));
      const gone = [...before.keys()].filter((clientId) => !listed.has(clientId));
      const news = tenants.filter(
        ({ clientId, quota, suspended }) => !suspended && quota > 0 && before.get(clientId) !== quota,
      );
      if (news.length + gone.length > 0) write(applianceId, gone, news);
      // Mark as saved only after the write succeeded, so that a failed write is retried at the next answer.
      savedLists.add(tenants);
    },
    /** The last quota above 0 that this console saw. Null if it saw none. */
    of: (applianceId: string, clientId: string): number | null =>
      store.first(
        store.query
          .selectFrom('tenantQuota')
          .select('quota')
          .where('applianceId', '=', applianceId)
          .where('clientId', '=', clientId),
      )?.quota ?? null,
    forget: (applianceId: string, clientId: string): void => forget(applianceId, [clientId]),
  };
}
