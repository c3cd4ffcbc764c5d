import { createMemo } from '../../src-shared/base/memo.ts';
import { isLive } from '../../src-shared/model/tenants/cluster.ts';
import { type ApplianceEntry, listClusterMembers } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import { isFreshAnswer } from '../../src-shared/model/tunnels/observedLayers.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Snapshot } from './observations.ts';
import type { WasConnected } from './view.ts';

type ServedBy = ReadonlyMap<string, string>;
const unclustered: ServedBy = new Map();

/** Names of the tenants with a live session. Empty if the appliance's last answer is not fresh. */
export function servedTenants(input: { link: LinkState; snapshot: Snapshot; now: number }): string[] {
  const networks = input.snapshot.remoteNetworks;
  if (networks === undefined || !isFreshAnswer(input.link, networks.observedAt, input.now)) return [];
  return networks.value.tenants.flatMap((tenant) => (isLive(tenant) ? [tenant.clientId] : []));
}

const isSame = (a: ServedBy, b: ServedBy) =>
  a.size === b.size && [...a].every(([clientId, member]) => b.get(clientId) === member);

/**
 * Finds the tenants that other members of an appliance's cluster serve. The only place that decides this:
 * rows, counts, history and reports follow from the diagnosis that uses it.
 */
export function createServedBy(options: {
  inventory: Pick<Inventory, 'list'>;
  evidenceOf: (applianceId: string) => { link: LinkState; snapshot: Snapshot };
  clock: () => number;
}) {
  const memo = createMemo<string, ServedBy>();
  const last = new Map<string, ServedBy>();

  /** Maps a client ID to the other member that has a live session. Returns the same map until it changes. */
  return (entry: ApplianceEntry): ServedBy => {
    if (entry.cluster === '') return unclustered;
    const now = options.clock();
    const [, ...members] = listClusterMembers(entry, options.inventory.list());
    const others = members.map(({ id, name }) => ({ name, ...options.evidenceOf(id) }));
    const causes = others.flatMap(({ name, link, snapshot: { remoteNetworks } }) => [
      name,
      remoteNetworks,
      remoteNetworks !== undefined && isFreshAnswer(link, remoteNetworks.observedAt, now),
    ]);
    return memo.get(entry.id, causes, () => {
      const served: ServedBy = new Map(
        others.flatMap(({ name, link, snapshot }) =>
          servedTenants({ link, snapshot, now }).map((clientId) => [clientId, name]),
        ),
      );
      const before = last.get(entry.id);
      if (before !== undefined && isSame(before, served)) return before;
      last.set(entry.id, served);
      return served;
    });
  };
}

/**
 * Whether any member of the appliance's cluster had a session of the tenant after `sinceMs` (epoch ms), as
 * the console remembers it or as the member lists it. A site that uses another member has connected before.
 */
export function createClusterWasConnected(options: {
  inventory: Pick<Inventory, 'list'>;
  snapshotOf: (applianceId: string) => Snapshot;
  wasConnected: WasConnected | undefined;
}): WasConnected {
  return ({ applianceId, clientId }, sinceMs) => {
    const entries = options.inventory.list();
    const entry = entries.find(({ id }) => id === applianceId);
    const members = entry === undefined ? [{ id: applianceId }] : listClusterMembers(entry, entries);
    return members.some(({ id }) => {
      const listed = options.snapshotOf(id).remoteNetworks?.value.tenants;
      const last = listed?.find((tenant) => tenant.clientId === clientId)?.lastSession ?? null;
      const hasEnded = last !== null && Date.parse(last.endedAt) >= sinceMs;
      return hasEnded || options.wasConnected?.({ applianceId: id, clientId }, sinceMs) === true;
    });
  };
}
