import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { Inventory } from '../inventory/inventory.ts';

type Index = {
  entries: readonly ApplianceEntry[];
  clusters: ReadonlyMap<string, string>;
  members: ReadonlyMap<string, readonly string[]>;
};

function buildIndex(entries: readonly ApplianceEntry[]): Index {
  const members = new Map<string, string[]>();
  for (const { id, cluster } of entries) {
    const known = members.get(cluster);
    if (known !== undefined) known.push(id);
    else if (cluster !== '') members.set(cluster, [id]);
  }
  return { entries, clusters: new Map(entries.map(({ id, cluster }) => [id, cluster])), members };
}

/**
 * Finds the IDs of an appliance and of the members of its cluster, without a search through the whole fleet for each. A
 * removed appliance is alone.
 */
export function createClusterMembers(inventory: Pick<Inventory, 'list'>): (id: string) => readonly string[] {
  let index: Index | null = null;
  return (id) => {
    const entries = inventory.list();
    if (index?.entries !== entries) index = buildIndex(entries);
    return index.members.get(index.clusters.get(id) ?? '') ?? [id];
  };
}
