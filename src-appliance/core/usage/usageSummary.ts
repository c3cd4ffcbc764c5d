import { hash } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../../src-shared/errors.ts';
import { hashInput } from '../../../src-shared/model/usage/hashedFields.ts';
import { connectorNameSchema, nameTextSchema } from '../../../src-shared/model/usage/usageReport.ts';
import type {
  AccountCounts,
  EndUserCounts,
  UsageSummary,
} from '../../../src-shared/model/usage/usageSummary.ts';
import { databaseError, type SqlReader } from '../accounts/accountsDatabase.ts';
import { hashAccountOf } from './accountLine.ts';
import { createBitsByHash } from './distinctUsers.ts';
import { internalSql, listConnectors, type UsageContext } from './usageContext.ts';

const accountsSql = (
  context: Pick<UsageContext, 'internal'>,
) => `SELECT a.id, a.user_name, a.user_domain, a.is_admin,
  ${internalSql[context.internal]},
  CASE WHEN a.deactivated_at IS NULL OR a.deactivated_at >= ? THEN 1 ELSE 0 END, c.name
  FROM account a JOIN application p ON p.id = a.application_id JOIN connector c ON c.id = a.connector_id
  WHERE a.connected_at < ?`;

const nameSchema = nameTextSchema.nullable();
const flagSchema = z.int().min(0).max(1);
const rowSchema = z.tuple([
  z.int().positive(),
  nameSchema,
  nameSchema,
  flagSchema,
  flagSchema,
  flagSchema,
  connectorNameSchema,
]);
const columns = ['id', 'user_name', 'user_domain', 'is_admin', 'is_internal', 'is_active', 'name'];

type Account = { isAdmin: boolean; isInternal: boolean; isActive: boolean };
/** How an account with this ID counts, e.g. as if it was changed. */
type AccountView = (id: number, account: Account) => Account;

/** Active billable, all active, billable, and all accounts: their distinct users are counted. Each takes two bits of a user. */
const groups = [
  { has: (one: Account) => one.isActive && !one.isInternal },
  { has: (one: Account) => one.isActive },
  { has: (one: Account) => !one.isInternal },
  { has: () => true },
] as const;
const userBit = (group: number) => 1 << (2 * group);
const adminBit = (group: number) => 2 << (2 * group);

function bitsOf(account: Account): number {
  let bits = 0;
  for (const [at, group] of groups.entries())
    if (group.has(account)) bits |= userBit(at) | (account.isAdmin ? adminBit(at) : 0);
  return bits;
}

const noAccounts = (): AccountCounts => ({
  active: { billable: { admin: 0, nonAdmin: 0 }, internal: { admin: 0, nonAdmin: 0 } },
  inactive: { billable: { admin: 0, nonAdmin: 0 }, internal: { admin: 0, nonAdmin: 0 } },
});

type RoleCounts = { admin: number; nonAdmin: number };

/** Counts accounts, and distinct end users: those with a user name by its hash, the others one by one. */
function createCounts() {
  const accounts = noAccounts();
  const named = createBitsByHash();
  const unnamed = groups.map((): RoleCounts => ({ admin: 0, nonAdmin: 0 }));
  const countRoles = (at: number): RoleCounts => {
    const mask = userBit(at) | adminBit(at);
    return {
      admin: named.count(mask, mask) + (unnamed[at]?.admin ?? 0),
      nonAdmin: named.count(mask, userBit(at)) + (unnamed[at]?.nonAdmin ?? 0),
    };
  };
  return {
    accounts,
    add: (account: Account, user: Uint32Array | null): void => {
      const { isActive, isInternal, isAdmin } = account;
      const role = isAdmin ? 'admin' : 'nonAdmin';
      accounts[isActive ? 'active' : 'inactive'][isInternal ? 'internal' : 'billable'][role] += 1;
      if (user !== null) return named.add(user, bitsOf(account));
      for (const [at, group] of groups.entries()) {
        const count = unnamed[at];
        if (count !== undefined && group.has(account)) count[role] += 1;
      }
    },
    endUsers: (): EndUserCounts => ({
      active: { billable: countRoles(0), all: countRoles(1) },
      total: { billable: countRoles(2), all: countRoles(3) },
    }),
  };
}

/** The hash of an end user: a user name with its domain. Null without a user name. PostgreSQL allows no NUL in a text. */
function hashUser(userName: string | null, userDomain: string | null): Uint32Array | null {
  const name = hashInput('userName', userName);
  if (name === null) return null;
  const digest = hash('md5', `${hashInput('userDomain', userDomain) ?? ''}\0${name}`, 'buffer');
  return new Uint32Array(digest.buffer.slice(digest.byteOffset, digest.byteOffset + digest.byteLength));
}

/** The counts of one view: of all accounts, and of each connector. */
function createView(names: readonly string[], view: AccountView) {
  const all = createCounts();
  const byConnector = new Map(names.map((name) => [name, createCounts()]));
  return {
    add: (row: { id: number; connector: string }, account: Account, user: Uint32Array | null): void => {
      const seen = view(row.id, account);
      all.add(seen, user);
      byConnector.get(row.connector)?.add(seen, user);
    },
    counts: (): Pick<UsageSummary, 'connectors' | 'endUsers'> => ({
      connectors: [...byConnector].map(([connector, { accounts, endUsers }]) => ({
        connector,
        accounts,
        endUsers: endUsers(),
      })),
      endUsers: all.endUsers(),
    }),
  };
}

/** Counts everything that a price may depend on, once for each view, in one reading **[ours]**. Throws DATABASE_UNUSABLE. */
export async function summariseViews(
  context: UsageContext,
  source: { reader: SqlReader; place: string },
  views: readonly AccountView[],
): Promise<UsageSummary[]> {
  const { appliance, month, now } = context;
  const names = await listConnectors(source.reader);
  const counted = views.map((view) => createView(names, view));
  for await (const batch of source.reader.stream(accountsSql(context), month.to, month.to)) {
    for (const row of batch) {
      const parsed = rowSchema.safeParse(row);
      if (!parsed.success)
        throw databaseError(source.place, parsed.error, { columns, account: hashAccountOf(row) });
      const [id, userName, userDomain, admin, internal, active, connector] = parsed.data;
      const account = { isAdmin: admin === 1, isInternal: internal === 1, isActive: active === 1 };
      const user = hashUser(userName, userDomain);
      for (const view of counted) view.add({ id, connector }, account, user);
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
  const [summary] = await summariseViews(context, source, [(_id, account) => account]);
  if (summary === undefined) throw new AppError('INTERNAL', 'no counts of the present accounts');
  return summary;
}
