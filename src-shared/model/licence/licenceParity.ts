import { isWhollyInternal } from './internalLicence.ts';
import type { LicenceShowOutput } from './licence.ts';
import { formatInstant } from '../../base/time.ts';

/** A member of a cluster with its licence as it was last read. */
export type MemberLicence = {
  name: string;
  licence: LicenceShowOutput | null;
  observedAt: string | null;
};

/** `unknown`: the licence of a member was never read, and the others are equal. */
export type LicenceParity = { state: 'equal' | 'different' | 'unknown'; differences: string[] };

const instant = (at: string | null) => (at === null ? 'none' : formatInstant(at));

/** What members are compared by. Each appliance has its own key, so keys always differ. */
const compared: readonly { field: string; say: (licence: LicenceShowOutput) => string }[] = [
  { field: 'state', say: ({ state }) => state },
  { field: 'expiry', say: ({ expiresAt }) => instant(expiresAt) },
  { field: 'end of grace', say: ({ graceEndsAt }) => instant(graceEndsAt) },
  { field: 'sequence', say: ({ sequence }) => (sequence === null ? 'none' : `${sequence}`) },
  { field: 'plan', say: ({ entitlements }) => entitlements?.plan ?? 'none' },
  {
    field: 'accounts',
    say: ({ entitlements }) => (entitlements === null ? 'none' : `${entitlements.accounts ?? 'unlimited'}`),
  },
  {
    field: 'connectors',
    say: ({ entitlements }) => entitlements?.connectors.toSorted().join(' ') || 'none',
  },
  {
    field: 'internal development',
    say: ({ entitlements }) => (entitlements?.internalDevelopment === true ? 'yes' : 'no'),
  },
  { field: 'internal licence', say: ({ entitlements }) => (isWhollyInternal(entitlements) ? 'yes' : 'no') },
];

/** Whether the members of a cluster have equal licences, and in what they differ. */
export function compareMemberLicences(members: readonly MemberLicence[]): LicenceParity {
  const known = members.flatMap(({ name, licence }) => (licence === null ? [] : [{ name, licence }]));
  const differences = compared.flatMap(({ field, say }) => {
    const values = known.map(({ name, licence }) => ({ name, value: say(licence) }));
    if (new Set(values.map(({ value }) => value)).size < 2) return [];
    return [`Different ${field}: ${values.map(({ name, value }) => `${name} ${value}`).join(', ')}.`];
  });
  const unread = members.filter(({ licence }) => licence === null).map(({ name }) => name);
  if (unread.length > 0) differences.push(`Not read yet: ${unread.join(', ')}.`);
  return {
    state:
      differences.length === 0
        ? 'equal'
        : differences.length > (unread.length > 0 ? 1 : 0)
          ? 'different'
          : 'unknown',
    differences,
  };
}

/** The members of each cluster with more than one member, by the cluster's name. */
export function groupByCluster<Item>(
  items: readonly Item[],
  clusterOf: (item: Item) => string,
): [string, Item[]][] {
  return [...Map.groupBy(items, clusterOf)]
    .filter(([cluster, members]) => cluster !== '' && members.length > 1)
    .toSorted(([one], [other]) => one.localeCompare(other));
}

export const parityLabels: Record<LicenceParity['state'], string> = {
  equal: 'equal licences',
  different: 'different licences',
  unknown: 'not known whether equal',
};
