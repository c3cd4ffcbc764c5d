import type { ApplianceView } from '../../src-shared/contract/fleet.ts';
import type { TenantView } from '../../src-shared/contract/tenants.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { ProbeResult } from '../../src-shared/model/tunnels/probe.ts';
import type { LicenceShowOutput } from '../../src-shared/model/licence/licence.ts';
import type { LicenceSchedule } from '../../src-shared/model/licence/licenceWork.ts';
import { chooseMembers } from '../../src-shared/model/tenants/cluster.ts';
import { createMemo } from '../../src-shared/base/memo.ts';
import type { RemoteNetworks, Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Links } from '../links/links.ts';
import type { Observations, Snapshot } from './observations.ts';
import { createTenantViews, type TenantViews } from './tenantViews.ts';
import { createClusterWasConnected, createServedBy } from './servedBy.ts';
import { applianceView, type WasConnected } from './view.ts';

/**
 * Builds the views of appliances for lists, pages and commands, from their last answers and the state of
 * their links.
 */
export function createFleetViews(options: {
  inventory: Pick<Inventory, 'list' | 'get'>;
  links: Pick<Links, 'state'>;
  observations: Pick<Observations, 'of'>;
  probes: (applianceId: string) => ReadonlyMap<number, ProbeResult>;
  maxProbeAgeMs?: (() => number) | undefined;
  reconnectedAt?: ((applianceId: string) => string | null) | undefined;
  wasConnected?: WasConnected | undefined;
  linesPerSecond: (applianceId: string) => number | null;
  slowedToMs: (applianceId: string) => number | null;
  /** The renewal of the last known licence. */
  scheduleOf?: ((applianceId: string, licence: LicenceShowOutput) => LicenceSchedule) | undefined;
  clock: () => number;
}) {
  const { inventory, links, observations, clock } = options;
  const wasConnected = createClusterWasConnected({
    inventory,
    snapshotOf: observations.of,
    wasConnected: options.wasConnected,
  });
  const tenantViews = createTenantViews({ ...options, wasConnected });
  const chosenMembers = createMemo<string, ReadonlyMap<string, string>>();

  const evidenceOf = (id: string) => ({ link: links.state(id), snapshot: observations.of(id) });
  const servedBy = createServedBy({ inventory, evidenceOf, clock });

  const tenantViewsOf = (entry: ApplianceEntry): TenantViews =>
    tenantViews.of({ entry, ...evidenceOf(entry.id), servedBy: servedBy(entry) });

  /** Maps each client ID to the member whose view the merged list of the cluster uses. */
  function chosenMembersOf(cluster: string): ReadonlyMap<string, string> {
    const members = inventory.list().filter((entry) => entry.cluster === cluster);
    const rows = members.map(tenantViewsOf);
    return chosenMembers.get(cluster, rows, () =>
      chooseMembers(
        members.map(({ id, name }, at) => ({
          applianceId: id,
          applianceName: name,
          isFresh: rows[at]?.isFresh ?? false,
          views: rows[at]?.views ?? [],
        })),
      ),
    );
  }

  const viewOf = (entry: ApplianceEntry): ApplianceView => {
    const licence = observations.of(entry.id).licence?.value;
    const listed = entry.cluster === '' ? null : chosenMembersOf(entry.cluster);
    return applianceView({
      entry,
      ...evidenceOf(entry.id),
      views: tenantViewsOf(entry).views,
      linesPerSecond: options.linesPerSecond(entry.id),
      slowedToMs: options.slowedToMs(entry.id),
      ...(listed === null ? {} : { isListed: (clientId) => listed.get(clientId) === entry.id }),
      ...(licence === undefined || options.scheduleOf === undefined
        ? {}
        : { schedule: options.scheduleOf(entry.id, licence) }),
      now: clock(),
    });
  };

  return {
    /** All appliances, sorted by name. */
    overview: (): ApplianceView[] => inventory.list().map(viewOf),
    /** Throws NOT_FOUND. */
    view: (applianceId: string): ApplianceView => viewOf(inventory.get(applianceId)),
    viewOf,
    /** The tenants of each appliance. A tenant of a cluster is listed once for each member. */
    tenants: (applianceId: string | null): TenantView[] => {
      const entries = applianceId === null ? inventory.list() : [inventory.get(applianceId)];
      return entries.flatMap((entry) => tenantViewsOf(entry).views);
    },
    /**
     * The tenants of one appliance. Returns the same object until something
     * changes.
     */
    tenantViews: tenantViewsOf,
    /** The last status and licence that the appliance itself reported; empty before its first answer. */
    known: (id: string): Readonly<Pick<Snapshot, 'status' | 'licence'>> => observations.of(id),
    /** The tenants in the last answer of the appliance; empty before its first answer. */
    networks: (id: string): readonly Tenant[] => observations.of(id).remoteNetworks?.value.tenants ?? [],
    /** The whole last list of tenants with its time; null before the first one. */
    remoteNetworks: (id: string): { value: RemoteNetworks; observedAt: string } | null =>
      observations.of(id).remoteNetworks ?? null,
    /** Deletes the cached views, because the appliance has new probe results or was removed. */
    forget: tenantViews.forget,
  };
}
