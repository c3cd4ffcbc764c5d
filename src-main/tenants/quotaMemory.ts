import type { Tenant } from '../../src-shared/model/remoteNetworks.ts';
import type { Store } from '../store/store.ts';

/** Quotas as this console last saw them: an appliance forgets the number when it suspends a tenant **[doc]**. */
export type QuotaMemory = {
  /**
   * Takes note of those that are new and forgets those that are listed no more; writes nothing where nothing changed. An
   * empty list is no news: it also stands for an appliance that has not told of its tenants yet.
   */
  note: (applianceId: string, tenants: readonly Tenant[]) => void;
  of: (applianceId: string, clientId: string) => number | null;
  forget: (applianceId: string, clientId: string) => void;
};

const keyOf = (applianceId: string, clientId: string) => `${applianceId} ${clientId}`;

export function createQuotaMemory(options: { store: Store; clock: () => number }): QuotaMemory {
  const { store } = options;
  const written = new Map<string, number>();
  const remembered = (applianceId: string) =>
    store
      .all(store.query.selectFrom('tenant_quota').select('client_id').where('appliance_id', '=', applianceId))
      .map((row) => row.client_id);
  const forget = (applianceId: string, clientId: string): void => {
    written.delete(keyOf(applianceId, clientId));
    store.run(
      store.query
        .deleteFrom('tenant_quota')
        .where('appliance_id', '=', applianceId)
        .where('client_id', '=', clientId),
    );
  };
  return {
    note: (applianceId, tenants) => {
      if (tenants.length === 0) return;
      const listed = new Set(tenants.map(({ clientId }) => clientId));
      const gone = remembered(applianceId).filter((clientId) => !listed.has(clientId));
      const news = tenants.filter(
        ({ clientId, quota, suspended }) =>
          !suspended && quota > 0 && written.get(keyOf(applianceId, clientId)) !== quota,
      );
      if (news.length + gone.length === 0) return;
      const seen_at = new Date(options.clock()).toISOString();
      store.write(() => {
        for (const clientId of gone) forget(applianceId, clientId);
        for (const { clientId, quota } of news)
          store.run(
            store.query
              .insertInto('tenant_quota')
              .values({ appliance_id: applianceId, client_id: clientId, quota, seen_at })
              .onConflict((conflict) =>
                conflict.columns(['appliance_id', 'client_id']).doUpdateSet({ quota, seen_at }),
              ),
          );
      });
      for (const { clientId, quota } of news) written.set(keyOf(applianceId, clientId), quota);
    },
    of: (applianceId, clientId) =>
      store.first(
        store.query
          .selectFrom('tenant_quota')
          .select('quota')
          .where('appliance_id', '=', applianceId)
          .where('client_id', '=', clientId),
      )?.quota ?? null,
    forget,
  };
}
