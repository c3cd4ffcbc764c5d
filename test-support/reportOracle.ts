import { createHash } from 'node:crypto';
import { makeAccounts, makeDevelopers, type AccountRow } from '../src-appliance/lab/accounts/population.ts';

/*
 * Reports computed a second time from a population, without SQL and without any code of the reports.
 */

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const fold = (text: string | null) => (text === null ? null : text.normalize('NFC').trim().toLowerCase());
const day = (time: number) => new Date(time).toISOString().replace(/T.*/u, '');

export type Oracle = { seed: string; accounts: number; now: number; to: number; isMarked: boolean };

function listAccounts({ seed, accounts, now, to, isMarked }: Oracle) {
  const { applications } = makeDevelopers({ seed, accounts, now });
  const isInternal = (one: AccountRow) =>
    isMarked && (one.isInternal || applications[one.applicationId - 1]?.isInternal === true);
  return [...makeAccounts({ seed, accounts, now })]
    .filter((one) => one.connectedAt < to)
    .map((one) => ({
      ...one,
      internal: isInternal(one),
      active: one.deactivatedAt === null || one.deactivatedAt >= to,
    }));
}

/** The lines of the accounts in a per-user report. */
export function expectedLines(oracle: Oracle): string[] {
  return listAccounts(oracle).map((one) => {
    const hashed = (text: string | null) => (text === null ? null : md5(text));
    const names = one.internal
      ? [String(one.id), one.userName, one.userId, one.userDomain]
      : [md5(String(one.id)), hashed(fold(one.userName)), hashed(one.userId), hashed(fold(one.userDomain))];
    const [account, userName, userId, userDomain] = names.map((name) => JSON.stringify(name));
    const last = one.lastRequestAt === null ? 'null' : `"${day(one.lastRequestAt)}"`;
    return `{"account":${account},"userName":${userName},"userId":${userId},"userDomain":${userDomain},"active":${one.active},"admin":${one.isAdmin},"connector":"${one.connector}","lastRequest":${last},"connected":"${day(one.connectedAt)}","updated":"${day(one.updatedAt)}","internal":${one.internal}}`;
  });
}

type Counted = ReturnType<typeof listAccounts>;

function countUsers(accounts: Counted) {
  const users = new Map<string, boolean>();
  for (const { id, userName, userDomain, isAdmin } of accounts) {
    const user = userName === null ? `account ${id}` : `${fold(userName)} at ${fold(userDomain)}`;
    users.set(user, users.get(user) === true || isAdmin);
  }
  const admin = [...users.values()].filter(Boolean).length;
  return { admin, nonAdmin: users.size - admin };
}

function countAll(accounts: Counted) {
  const count = (active: boolean, internal: boolean, admin: boolean) =>
    accounts.filter((one) => one.active === active && one.internal === internal && one.isAdmin === admin)
      .length;
  const roles = (active: boolean, internal: boolean) => ({
    admin: count(active, internal, true),
    nonAdmin: count(active, internal, false),
  });
  const billable = accounts.filter((one) => !one.internal);
  const active = (list: Counted) => list.filter((one) => one.active);
  return {
    accounts: {
      active: { billable: roles(true, false), internal: roles(true, true) },
      inactive: { billable: roles(false, false), internal: roles(false, true) },
    },
    endUsers: {
      active: { billable: countUsers(active(billable)), all: countUsers(active(accounts)) },
      total: { billable: countUsers(billable), all: countUsers(accounts) },
    },
  };
}

/** The counts of a summary, by connector and in all. */
export function expectedCounts(oracle: Oracle) {
  const accounts = listAccounts(oracle);
  const connectors = ['alfresco', 'cmis', 'cq5', 'smb', 'webdav'].map((connector) => ({
    connector,
    ...countAll(accounts.filter((one) => one.connector === connector)),
  }));
  return { connectors, endUsers: countAll(accounts).endUsers };
}
