import type { TunnelAvailability } from '../../src-shared/contract/ports.ts';
import { type ApplianceEntry, listClusterMembers } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { History } from './history.ts';
import type { TenantRows } from './tenantRows.ts';
import { tenantPort } from './tunnelStates.ts';

type Within = { fromMs: number; toMs: number };

/**
 * Reads the history of tunnels. For a tunnel of a cluster, merges what was recorded on each member, because
 * its session moves between them.
 */
export function createClusterHistory(options: {
  inventory: Pick<Inventory, 'list' | 'get'>;
  tenantRows: Pick<TenantRows, 'all'>;
  history: Pick<History, 'of' | 'availability'>;
}) {
  const { inventory, history } = options;

  /** The appliance itself, followed by the other members of its cluster. */
  const listMembers = (applianceId: string) =>
    listClusterMembers(inventory.get(applianceId), inventory.list());

  function report(
    members: readonly ApplianceEntry[],
    within: Within,
    request: { clientId: string | null; listedAt: (clientId: string) => string },
  ): TunnelAvailability[] {
    const tenant = request.clientId === null ? {} : { clientId: request.clientId };
    const names = new Map(members.map(({ id, name }) => [id, name]));
    return history.availability({ applianceIds: [...names.keys()], ...tenant }, within).map((tunnel) => {
      const applianceId = request.listedAt(tunnel.clientId);
      return { applianceId, applianceName: names.get(applianceId) ?? '', ...tunnel };
    });
  }

  return {
    /** Throws NOT_FOUND. */
    of: (
      { applianceId, clientId, port }: { applianceId: string; clientId: string; port: number | null },
      within: Within & { cellMs?: number },
    ) => {
      const applianceIds = listMembers(applianceId).map(({ id }) => id);
      return history.of({ applianceIds, clientId, port: port ?? tenantPort }, within);
    },

    /**
     * The availability of tunnels. Without an appliance, a tunnel of a cluster is reported once, for the
     * member that lists its tenant. Throws NOT_FOUND.
     */
    availability: (
      { applianceId, clientId }: { applianceId: string | null; clientId: string | null },
      within: Within,
    ): TunnelAvailability[] => {
      if (applianceId !== null)
        return report(listMembers(applianceId), within, {
          clientId,
          listedAt: () => applianceId,
        });
      const views = Map.groupBy(options.tenantRows.all(), ({ applianceId: id }) => id);
      // The prefix keeps the name of a cluster apart from the ID of an appliance without one.
      const groups = Map.groupBy(inventory.list(), ({ id, cluster }) =>
        cluster === '' ? id : `in ${cluster}`,
      );
      return [...groups.values()].flatMap((members) => {
        const listed = new Map(
          members.flatMap(({ id }) => (views.get(id) ?? []).map(({ tenant }) => [tenant.clientId, id])),
        );
        const [first] = members;
        return report(members, within, { clientId, listedAt: (id) => listed.get(id) ?? first?.id ?? '' });
      });
    },
  };
}
