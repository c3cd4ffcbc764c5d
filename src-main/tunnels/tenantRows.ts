import type { TenantView } from '../../src-shared/contract/tenants.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { mergeCluster } from '../../src-shared/model/tenants/cluster.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { TenantViews } from '../fleet/tenantViews.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { createMemo } from '../../src-shared/base/memo.ts';

/** The tenants of one appliance, with their quotas before a suspension. The same object as long as nothing changed. */
export type ApplianceRows = Omit<TenantViews, 'views'> & { entry: ApplianceEntry; views: TenantView[] };

/** The fleet's tenants, with additions from other cluster members and from this console's memory. */
export function createTenantRows(options: {
  inventory: Inventory;
  fleet: Pick<Fleet, 'tenantViews'>;
  quotaBefore: (applianceId: string, clientId: string) => number | null;
}) {
  const { inventory, fleet } = options;
  const rows = createMemo<string, ApplianceRows>();
  const merged = createMemo<'all', TenantView[]>();

  function appliance(entry: ApplianceEntry): ApplianceRows {
    const tenantViews = fleet.tenantViews(entry);
    // The views don't depend on the cluster of the entry; these rows do.
    return rows.get(entry.id, [tenantViews, entry], () => ({
      ...tenantViews,
      entry,
      views: tenantViews.views.map((view) =>
        view.tenant.suspended
          ? { ...view, quotaBefore: options.quotaBefore(entry.id, view.tenant.clientId) }
          : view,
      ),
    }));
  }

  const clustered = (appliances: readonly ApplianceRows[], name: string) =>
    mergeCluster({
      name,
      members: appliances.map(({ entry, isFresh, views }) => ({
        applianceId: entry.id,
        applianceName: entry.name,
        isFresh,
        views,
      })),
    });

  return {
    appliance,
    /** Every tenant, those of a cluster once; the same array as long as nothing changed. */
    all: () => {
      const appliances = inventory.list().map(appliance);
      return merged.get('all', appliances, () => {
        const unclustered = appliances
          .filter(({ entry }) => entry.cluster === '')
          .flatMap(({ views }) => views);
        const names = new Set(appliances.map(({ entry }) => entry.cluster).filter((name) => name !== ''));
        const inClusters = [...names].flatMap((name) =>
          clustered(
            appliances.filter(({ entry }) => entry.cluster === name),
            name,
          ).map(({ view, cluster }) => ({ ...view, cluster })),
        );
        return [...unclustered, ...inClusters].sort(byPlace);
      });
    },
    /** The tenants of one appliance, with what the other members of its cluster report. Throws NOT_FOUND. */
    ofAppliance: (applianceId: string): TenantView[] => {
      const entry = inventory.get(applianceId);
      const { views } = appliance(entry);
      if (entry.cluster === '') return views;
      const members = inventory.list().filter(({ cluster }) => cluster === entry.cluster);
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

export type TenantRows = ReturnType<typeof createTenantRows>;

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function byPlace(a: TenantView, b: TenantView): number {
  return compare(a.applianceName, b.applianceName) || compare(a.tenant.clientId, b.tenant.clientId);
}
