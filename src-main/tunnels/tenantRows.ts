import type { TenantView } from '../../src-shared/contract/tenants.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { mergeCluster } from '../../src-shared/model/tenants/cluster.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { TenantViews } from '../fleet/tenantViews.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { createMemo } from '../../src-shared/base/memo.ts';

/** What the fleet judged of one appliance, with the quotas of before. The same object as long as nothing changed. */
export type ApplianceRows = Omit<TenantViews, 'views'> & { entry: ApplianceEntry; views: TenantView[] };

export type Judged = {
  appliance: (entry: ApplianceEntry) => ApplianceRows;
  /** Every tenant, those of a cluster once; the same array as long as nothing changed. */
  all: () => TenantView[];
  /** As one appliance tells it, with what the others of its cluster tell. Throws NOT_FOUND. */
  one: (applianceId: string) => TenantView[];
};

/** What the fleet judged, with what other appliances and this console's memory add; judges nothing itself. */
export function createTenantRows(options: {
  inventory: Inventory;
  fleet: Pick<Fleet, 'judged'>;
  quotaBefore: (applianceId: string, clientId: string) => number | null;
}): Judged {
  const { inventory, fleet } = options;
  const rows = createMemo<string, ApplianceRows>();
  const merged = createMemo<'all', TenantView[]>();

  function appliance(entry: ApplianceEntry): ApplianceRows {
    const judged = fleet.judged(entry);
    // The views don't depend on the cluster of the entry; these rows do.
    return rows.get(entry.id, [judged, entry], () => ({
      ...judged,
      entry,
      views: judged.views.map((view) =>
        view.tenant.suspended
          ? { ...view, quotaBefore: options.quotaBefore(entry.id, view.tenant.clientId) }
          : view,
      ),
    }));
  }

  const clustered = (appliances: readonly ApplianceRows[], name: string) =>
    mergeCluster({
      name,
      members: appliances.map((one) => ({
        applianceId: one.entry.id,
        applianceName: one.entry.name,
        isFresh: one.isFresh,
        views: one.views,
      })),
    });

  return {
    appliance,
    all: () => {
      const appliances = inventory.list().map(appliance);
      return merged.get('all', appliances, () => {
        const unclustered = appliances.filter((one) => one.entry.cluster === '').flatMap((one) => one.views);
        const names = new Set(appliances.map((one) => one.entry.cluster).filter((name) => name !== ''));
        const inClusters = [...names].flatMap((name) =>
          clustered(
            appliances.filter((one) => one.entry.cluster === name),
            name,
          ).map(({ view, cluster }) => ({ ...view, cluster })),
        );
        return [...unclustered, ...inClusters].sort(byPlace);
      });
    },
    one: (applianceId) => {
      const entry = inventory.get(applianceId);
      const { views } = appliance(entry);
      if (entry.cluster === '') return views;
      const members = inventory.list().filter((one) => one.cluster === entry.cluster);
      const clusters = new Map(
        clustered(members.map(appliance), entry.cluster).map(({ view, cluster }) => [
          view.tenant.clientId,
          cluster,
        ]),
      );
      return views.map((view) => ({ ...view, cluster: clusters.get(view.tenant.clientId) ?? null }));
    },
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function byPlace(a: TenantView, b: TenantView): number {
  return compare(a.applianceName, b.applianceName) || compare(a.tenant.clientId, b.tenant.clientId);
}
