import type { UsageSummary } from '../../src-shared/model/usage/usageSummary.ts';

/** One account of a population that a test made. Accounts with the same `user` belong to one end user. */
export type TestAccount = {
  connector: string;
  user: string;
  active: boolean;
  admin: boolean;
  internal: boolean;
};

const count = (accounts: readonly TestAccount[]) => ({
  admin: accounts.filter(({ admin }) => admin).length,
  nonAdmin: accounts.filter(({ admin }) => !admin).length,
});

function countUsers(accounts: readonly TestAccount[]) {
  const admins = new Set(accounts.filter(({ admin }) => admin).map(({ user }) => user));
  const all = new Set(accounts.map(({ user }) => user));
  return { admin: admins.size, nonAdmin: all.size - admins.size };
}

const countInternal = (accounts: readonly TestAccount[]) => ({
  billable: count(accounts.filter(({ internal }) => !internal)),
  internal: count(accounts.filter(({ internal }) => internal)),
});

const countOverlapping = (accounts: readonly TestAccount[]) => ({
  billable: countUsers(accounts.filter(({ internal }) => !internal)),
  all: countUsers(accounts),
});

const countEndUsers = (accounts: readonly TestAccount[]) => ({
  active: countOverlapping(accounts.filter(({ active }) => active)),
  total: countOverlapping(accounts),
});

/** The summary that an appliance with these accounts gives. `installed`: connectors that it lists also without accounts. */
export function summarize(
  accounts: readonly TestAccount[],
  {
    month = '2026-11',
    takenAt = `${month}-20T09:31:00.000Z`,
    installed = [],
  }: { month?: string; takenAt?: string; installed?: readonly string[] } = {},
): UsageSummary {
  const names = [...new Set([...installed, ...accounts.map(({ connector }) => connector)])].toSorted();
  return {
    contract: 1,
    applianceId: '5b3c1d7e-6a0f-4c52-9d1b-0f6f3f1d2a10',
    month,
    takenAt,
    cutShort: null,
    assumed: null,
    connectors: names.map((connector) => {
      const own = accounts.filter((account) => account.connector === connector);
      return {
        connector,
        accounts: {
          active: countInternal(own.filter(({ active }) => active)),
          inactive: countInternal(own.filter(({ active }) => !active)),
        },
        endUsers: countEndUsers(own),
      };
    }),
    endUsers: countEndUsers(accounts),
  };
}

/** `count` accounts of different users, alike but for what `change` says. */
export function makeAccounts(count: number, change: Partial<TestAccount> = {}): TestAccount[] {
  const { connector = 'smb' } = change;
  return Array.from({ length: count }, (_, index) => ({
    connector,
    user: `${connector}-${Object.values(change).join('-')}-${index}`,
    active: true,
    admin: false,
    internal: false,
    ...change,
  }));
}
