import {
  listClusterMembers,
  type ApplianceEntry,
} from '../../../../../src-shared/model/appliance/applianceEntry.ts';
import {
  compareMemberLicences,
  parityLabels,
  type LicenceParity,
} from '../../../../../src-shared/model/licence/licenceParity.ts';
import type { Services } from '../../../../services.ts';

/** The cluster of an appliance, with the licences of its members as they were last read. */
export type ClusterLicences = LicenceParity & {
  name: string;
  members: {
    name: string;
    state: string | null;
    sequence: number | null;
    expiresAt: string | null;
    observedAt: string | null;
  }[];
};

/** Null for an appliance that shares its cluster with no other. */
export function readClusterLicences(
  services: Pick<Services, 'inventory' | 'fleet'>,
  entry: ApplianceEntry,
): ClusterLicences | null {
  const entries = listClusterMembers(entry, services.inventory.list());
  if (entries.length < 2) return null;
  const members = entries
    .map(({ id, name }) => {
      const { licence } = services.fleet.view(id);
      return { name, licence: licence?.value ?? null, observedAt: licence?.observedAt ?? null };
    })
    .toSorted((one, other) => one.name.localeCompare(other.name));
  return {
    name: entry.cluster,
    ...compareMemberLicences(members),
    members: members.map(({ name, licence, observedAt }) => ({
      name,
      state: licence?.state ?? null,
      sequence: licence?.sequence ?? null,
      expiresAt: licence?.expiresAt ?? null,
      observedAt,
    })),
  };
}

/** A table, and below it a line about each cluster of its rows. */
export function withClusters(
  rows: readonly { cluster: ClusterLicences | null }[],
  formattedTable: string,
): string {
  const byName = new Map(rows.flatMap(({ cluster }) => (cluster === null ? [] : [[cluster.name, cluster]])));
  const lines = [...byName.values()].map(({ name, state, differences }) =>
    [`Cluster ${name}: ${parityLabels[state]}.`, ...differences].join(' '),
  );
  return [formattedTable, ...(lines.length === 0 ? [] : ['', ...lines])].join('\n');
}
