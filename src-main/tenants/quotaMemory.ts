import type { Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { Store } from '../store/store.ts';

/** Quotas as this console last saw them: an appliance forgets the number when it suspends a tenant **[doc]**. */
export type QuotaMemory = {
  /**
   * Takes note of those that are new and forgets those that are listed no more, so it wants the whole list; does nothing
   * for a list (the very array) that it knows, and writes nothing where nothing changed. An empty list is no news: it also
   * stands for an appliance that has not told of its tenants yet. Throws STORE_FAILED.
   */
  note: (applianceId: string, tenants: readonly Tenant[]) => void;
  of: (applianceId: string, clientId: string) => number | null;
  forget: (applianceId: string, clientId: string) => void;
};

/** Of four values each; SQLite takes 32,766 in one statement. */
const rowsAtOnce = 1_000;

export function createQuotaMemory(options: { store: Store; clock: () => number }): QuotaMemory {
  const { store } = options;
  /** The appliance's other answers bring the list of before along once more. */
  const noted = new WeakSet<readonly Tenant[]>();
  const remembered = (applianceId: string) => {
    const { query } = store;
    const rows = query.selectFrom('tenantQuota').where('applianceId', '=', applianceId);
    return new Map(
      store.all(rows.select(['clientId', 'quota'])).map(({ clientId, quota }) => [clientId, quota]),
    );
  };
  const forget = (applianceId: string, clientId: string): void => {
    store.run(
      store.query
        .deleteFrom('tenantQuota')
        .where('applianceId', '=', applianceId)
        .where('clientId', '=', clientId),
    );
  };
  const write = (applianceId: string, gone: readonly string[], news: readonly Tenant[]): void => {
    const seenAt = new Date(options.clock()).toISOString();
    store.write(() => {
      for (const clientId of gone) forget(applianceId, clientId);
      for (let at = 0; at < news.length; at += rowsAtOnce) {
        const rows = news
          .slice(at, at + rowsAtOnce)
          .map(({ clientId, quota }) => ({ applianceId, clientId, quota, seenAt }));
        store.run(store.query.replaceInto('tenantQuota').values(rows));
      }
    });
  };
  return {
    note: (applianceId, tenants) => {
      if (tenants.length === 0 || noted.has(tenants)) return;
      const before = remembered(applianceId);
      const listed = new Set(tenants.map(({ clientId }) => clientId));
      const gone = [...before.keys()].filter((clientId) => !listed.has(clientId));
      const news = tenants.filter(
        ({ clientId, quota, suspended }) => !suspended && quota > 0 && before.get(clientId) !== quota,
      );
      if (news.length + gone.length > 0) write(applianceId, gone, news);
      // Not before: what could not be written is tried again with the next answer.
      noted.add(tenants);
    },
    of: (applianceId, clientId) =>
      store.first(
        store.query
          .selectFrom('tenantQuota')
          .select('quota')
          .where('applianceId', '=', applianceId)
          .where('clientId', '=', clientId),
      )?.quota ?? null,
    forget,
  };
}
