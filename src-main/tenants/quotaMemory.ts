import type { Tenant } from '../../src-shared/model/remoteNetworks.ts';
import type { Store } from '../store/store.ts';

/** Quotas as this console last saw them: an appliance forgets the number when it suspends a tenant **[doc]**. */
export type QuotaMemory = {
  /** Takes note of those that are new; writes nothing where nothing is. */
  note: (applianceId: string, tenants: readonly Tenant[]) => void;
  of: (applianceId: string, clientId: string) => number | null;
  forget: (applianceId: string, clientId: string) => void;
};

const keyOf = (applianceId: string, clientId: string) => `${applianceId} ${clientId}`;

export function createQuotaMemory(options: { store: Store; clock: () => number }): QuotaMemory {
  const { store } = options;
  const written = new Map<string, number>();
  return {
    note: (applianceId, tenants) => {
      const news = tenants.filter(
        ({ clientId, quota, suspended }) =>
          !suspended && quota > 0 && written.get(keyOf(applianceId, clientId)) !== quota,
      );
      if (news.length === 0) return;
      const seen_at = new Date(options.clock()).toISOString();
      store.write(() => {
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
    forget: (applianceId, clientId) => {
      written.delete(keyOf(applianceId, clientId));
      store.run(
        store.query
          .deleteFrom('tenant_quota')
          .where('appliance_id', '=', applianceId)
          .where('client_id', '=', clientId),
      );
    },
  };
}
