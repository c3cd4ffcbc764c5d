import { z } from 'zod';
import { AppError } from '../../../src-shared/errors.ts';
import { isNameText, nameTextSchema } from '../../../src-shared/model/usage/usageReport.ts';
import type {
  AccountCounts,
  EndUserCounts,
  UsageSummary,
} from '../../../src-shared/model/usage/usageSummary.ts';
import { databaseError, type SqlReader } from '../accounts/accountsDatabase.ts';
import { hashAccount, hashAccountOf } from './accountLine.ts';
import { createBitsByHash } from './distinctUsers.ts';
import { internalSql, listConnectors, type InternalRule, type UsageContext } from './usageContext.ts';
import { createUserHash } from './userHash.ts';

/** A number for each account: its connector, times 8, and three flags. Null if a flag is neither 0 nor 1. */
const flags = { admin: 4, internal: 2, active: 1 } as const;
const flagValues = 8;
const codeSql = (internal: InternalRule) => `CASE WHEN a.is_admin IN (0, 1) THEN
  a.connector_id * ${flagValues} + a.is_admin * ${flags.admin} + (${internalSql[internal]}) * ${flags.internal}
  + CASE WHEN a.deactivated_at IS NULL OR a.deactivated_at >= ? THEN ${flags.active} ELSE 0 END END`;

/** Few columns with the flags in one, because reading the values takes most of the time. */
const accountsSql = ({ internal }: Pick<UsageContext, 'internal'>) =>
  `SELECT a.id, a.user_name, a.user_domain, ${codeSql(internal)}
  FROM account a JOIN application p ON p.id = a.application_id WHERE a.connected_at < ?`;

const nameSchema = nameTextSchema.nullable();
const rowSchema = z.tuple([z.int().positive(), nameSchema, nameSchema, z.int().nonnegative()]);
const columns = ['id', 'user_name', 'user_domain', 'is_admin'];

type Name = string | null;
const isName = (value: unknown) => value === null || (typeof value === 'string' && isNameText(value));

/** The checks of `rowSchema`, which would take most of the time of a summary of a million accounts. */
function isRow(row: readonly unknown[]): row is [number, Name, Name, number] {
  const [id, userName, userDomain, code] = row;
  const isWhole = Number.isSafeInteger(id) && Number.isSafeInteger(code);
  return isWhole && Number(id) > 0 && Number(code) >= 0 && isName(userName) && isName(userDomain);
}

function readRow(row: readonly unknown[], place: string) {
  if (isRow(row)) return row;
  const parsed = rowSchema.safeParse(row);
  if (parsed.success) return parsed.data;
  throw databaseError(place, parsed.error, { columns, account: hashAccountOf(row) });
}

/** What each value of the flags says. */
const kinds = Array.from({ length: flagValues }, (_, value) => ({
  isAdmin: (value & flags.admin) !== 0,
  isInternal: (value & flags.internal) !== 0,
  isActive: (value & flags.active) !== 0,
}));
type Kind = (typeof kinds)[number];

/** Kinds as a set of bits: that of each value of the flags that fits. */
const kindsThat = (fits: (kind: Kind) => boolean): number =>
  kinds.reduce((bits, kind, value) => (fits(kind) ? bits | (1 << value) : bits), 0);
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

/** Counts accounts of each kind, and distinct end users: those with a user name by its hash, the others one by one. */
function createCounts() {
  const accounts = new Float64Array(flagValues);
  const unnamed = new Float64Array(flagValues);
  const named = createBitsByHash();
  const countAccounts = (isActive: boolean, isInternal: boolean): RoleCounts => {
    const of = (isAdmin: boolean) =>
      kinds.reduce(
        (sum, kind, value) =>
          kind.isActive === isActive && kind.isInternal === isInternal && kind.isAdmin === isAdmin
            ? sum + (accounts[value] ?? 0)
            : sum,
        0,
      );
    return { admin: of(true), nonAdmin: of(false) };
  };
  /** How many users have each set of kinds. */
  const countSets = (): Float64Array => {
    const counts = Float64Array.from(named.countValues());
    for (const [value, count] of unnamed.entries()) counts[1 << value] = (counts[1 << value] ?? 0) + count;
    return counts;
  };
  return {
    add: (value: number, user: Uint32Array | null): void => {
      accounts[value] = (accounts[value] ?? 0) + 1;
      if (user !== null) named.add(user, 1 << value);
      else unnamed[value] = (unnamed[value] ?? 0) + 1;
    },
    accounts: (): AccountCounts => ({
      active: { billable: countAccounts(true, false), internal: countAccounts(true, true) },
      inactive: { billable: countAccounts(false, false), internal: countAccounts(false, true) },
    }),
    endUsers: (): EndUserCounts => {
      const sets = countSets();
      const { active, total } = userGroups;
      return {
        active: { billable: countUsers(sets, active.billable), all: countUsers(sets, active.all) },
        total: { billable: countUsers(sets, total.billable), all: countUsers(sets, total.all) },
      };
    },
  };
}
/** How an account with this ID counts, e.g. as if it was changed. */
export type AccountView = (id: number, kind: Kind) => Kind;

function valueOf({ isAdmin, isInternal, isActive }: Kind): number {
  return (isAdmin ? flags.admin : 0) + (isInternal ? flags.internal : 0) + (isActive ? flags.active : 0);
}

/** The counts of one view: of all accounts, and of each connector. */
function createView(connectors: readonly { id: number; name: string }[], view: AccountView | null) {
  const all = createCounts();
  const counted = connectors.map(({ id, name }) => ({ id, name, counts: createCounts() }));
  const countsById = new Map(counted.map(({ id, counts }) => [id, counts]));
  return {
    /** Throws for a connector that is not known. */
    add: (row: { id: number; code: number }, user: Uint32Array | null): void => {
      const counts = countsById.get(Math.floor(row.code / flagValues));
      if (counts === undefined) throw new Error(`account ${hashAccount(row.id)} has an unknown connector`);
      const stored = row.code % flagValues;
      const kind = kinds[stored];
      const value = view === null || kind === undefined ? stored : valueOf(view(row.id, kind));
      all.add(value, user);
      counts.add(value, user);
    },
    counts: (): Pick<UsageSummary, 'connectors' | 'endUsers'> => ({
      connectors: counted.map(({ name, counts }) => ({
        connector: name,
        accounts: counts.accounts(),
        endUsers: counts.endUsers(),
      })),
      endUsers: all.endUsers(),
    }),
  };
}

/**
 * Counts everything that a price may depend on, once for each view, in one reading **[ours]**. Null is the view of the
 * accounts as they are. Throws DATABASE_UNUSABLE.
 */
export async function summariseViews(
  context: UsageContext,
  source: { reader: SqlReader; place: string },
  views: readonly (AccountView | null)[],
): Promise<UsageSummary[]> {
  const { appliance, month, now } = context;
  const { reader, place } = source;
  const connectors = await listConnectors(reader);
  const counted = views.map((view) => createView(connectors, view));
  const hashUser = createUserHash();
  for await (const batch of reader.stream(accountsSql(context), month.to, month.to)) {
    for (const row of batch) {
      const [id, userName, userDomain, code] = readRow(row, place);
      const user = hashUser(userName, userDomain);
      try {
        for (const { add } of counted) add({ id, code }, user);
      } catch (error) {
        throw databaseError(place, error);
      }
    }
  }
  return counted.map(({ counts }) => ({
    contract: 1,
    applianceId: appliance.config.applianceId,
    month: month.month,
    takenAt: new Date(now).toISOString(),
    cutShort: null,
    assumed: null,
    ...counts(),
  }));
}

/** Counts the accounts as they are. Throws DATABASE_UNUSABLE. */
export async function summariseUsage(
  context: UsageContext,
  source: { reader: SqlReader; place: string },
): Promise<UsageSummary> {
  const [summary] = await summariseViews(context, source, [null]);
  if (summary === undefined) throw new AppError('INTERNAL', 'no counts of the present accounts');
  return summary;
}
