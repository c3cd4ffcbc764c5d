import { type ApplianceEntry, listClusterMembers } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { PlanContext } from './planWarnings.ts';

/**
 * Collects the facts that a plan needs besides the tenant: the licence, the cluster, and other appliances
 * with the same key.
 */
export function buildPlanContext(
  entry: ApplianceEntry,
  services: { inventory: Inventory; fleet: Pick<Fleet, 'known' | 'networks'>; clock: () => number },
): PlanContext {
  const { inventory, fleet } = services;
  const others = inventory.list().filter(({ id }) => id !== entry.id);
  const [, ...members] = listClusterMembers(entry, others);
  return {
    applianceName: entry.name,
    now: services.clock(),
    licence: fleet.known(entry.id).licence?.value ?? null,
    cluster:
      entry.cluster === ''
        ? null
        : { name: entry.cluster, others: members.map(({ name }) => name).toSorted() },
    keyElsewhere: (fingerprint) =>
      others.flatMap(({ id, name }) =>
        fleet
          .networks(id)
          .filter(({ keys }) => keys.some((key) => key.fingerprint === fingerprint))
          .map(({ clientId }) => ({ applianceName: name, clientId })),
      ),
  };
}
