import type { TenantView } from '../../src-shared/contract/tenants.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { mergeCluster } from '../../src-shared/model/tenants/cluster.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { TenantViews } from '../fleet/tenantViews.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { createMemo } from '../../src-shared/base/memo.ts';

/**
 * The tenants of one appliance. Suspended tenants have their earlier quota. The same object until something
 * changes.
 */
export type ApplianceRows = Omit<TenantViews, 'views'> & { entry: ApplianceEntry; views: TenantView[] };

/**
 * Provides the fleet's tenants with facts from other cluster members and with earlier quotas that this
 * console remembers.
 */
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
    // `entry` is listed too, because these rows depend on its cluster and the views do not.
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
    /**
     * All tenants. A tenant of a cluster is listed once. Returns the same array until something changes.
     */
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
    /**
     * The tenants of one appliance, with the facts from other members of its cluster. Throws NOT_FOUND.
     */
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

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function byPlace(a: TenantView, b: TenantView): number {
  return compareText(a.applianceName, b.applianceName) || compareText(a.tenant.clientId, b.tenant.clientId);
}
