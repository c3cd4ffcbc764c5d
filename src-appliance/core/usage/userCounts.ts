import type { AccountCounts, EndUserCounts } from '../../../src-shared/model/usage/usageSummary.ts';
import { createBitsByHash } from './distinctUsers.ts';

/** The flags of an account in one number, its kind. */
export const kindFlags = { admin: 4, internal: 2, active: 1 } as const;
export const kindCount = 8;

/** What each kind says. */
const kinds = Array.from({ length: kindCount }, (_, kind) => ({
  isAdmin: (kind & kindFlags.admin) !== 0,
  isInternal: (kind & kindFlags.internal) !== 0,
  isActive: (kind & kindFlags.active) !== 0,
}));
type Kind = (typeof kinds)[number];

/** Kinds as a set of bits: that of each kind that fits. */
const kindsThat = (fits: (kind: Kind) => boolean): number =>
  kinds.reduce((bits, kind, at) => (fits(kind) ? bits | (1 << at) : bits), 0);
const adminKinds = kindsThat(({ isAdmin }) => isAdmin);

/** The groups whose distinct end users are counted. */
const userGroups = {
  active: {
    billable: kindsThat(({ isActive, isInternal }) => isActive && !isInternal),
    all: kindsThat(({ isActive }) => isActive),
  },
  total: { billable: kindsThat(({ isInternal }) => !isInternal), all: kindsThat(() => true) },
} as const;

type RoleCounts = EndUserCounts['active']['all'];

/** Users with an account of the group, if `sets` says how many users have each set of kinds. */
function countUsers(sets: Float64Array, group: number): RoleCounts {
  const counts = { admin: 0, nonAdmin: 0 };
  for (const [set, count] of sets.entries())
    if ((set & group) !== 0) counts[(set & group & adminKinds) === 0 ? 'nonAdmin' : 'admin'] += count;
  return counts;
}

/** Counts accounts by kind, and end users by the set of kinds that they have accounts of. */
export function createUserCounts() {
  const accounts = new Float64Array(kindCount);
  const sets = new Float64Array(2 ** kindCount);
  const hashed = createBitsByHash();
  const countAccounts = (isActive: boolean, isInternal: boolean): RoleCounts => {
    const of = (isAdmin: boolean) =>
      kinds.reduce(
        (sum, kind, at) =>
          kind.isActive === isActive && kind.isInternal === isInternal && kind.isAdmin === isAdmin
            ? sum + (accounts[at] ?? 0)
            : sum,
        0,
      );
    return { admin: of(true), nonAdmin: of(false) };
  };
  return {
    addAccounts: (kind: number, count: number): void => {
      accounts[kind] = (accounts[kind] ?? 0) + count;
    },
    /** Adds users who have exactly this set of kinds, or takes them away. The empty set is no user. */
    addUsers: (set: number, count: number): void => {
      sets[set] = (sets[set] ?? 0) + count;
    },
    /** Adds a user whom only the hash distinguishes from other hashed ones. */
    addHashed: (user: Uint32Array, kind: number): void => hashed.add(user, 1 << kind),
    accounts: (): AccountCounts => ({
      active: { billable: countAccounts(true, false), internal: countAccounts(true, true) },
      inactive: { billable: countAccounts(false, false), internal: countAccounts(false, true) },
    }),
    endUsers: (): EndUserCounts => {
      const all = Float64Array.from(hashed.countValues(), (count, set) => count + (sets[set] ?? 0));
      const { active, total } = userGroups;
      return {
        active: { billable: countUsers(all, active.billable), all: countUsers(all, active.all) },
        total: { billable: countUsers(all, total.billable), all: countUsers(all, total.all) },
      };
    },
  };
}
export type UserCounts = ReturnType<typeof createUserCounts>;
