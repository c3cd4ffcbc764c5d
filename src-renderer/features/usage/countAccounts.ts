import type { AccountCounts, UsageSummary } from '../../../src-shared/model/usage/usageSummary.ts';

const addRoles = ({ admin, nonAdmin }: { admin: number; nonAdmin: number }) => admin + nonAdmin;

/** Accounts of one connector or of all: all, active ones, and those whose names leave in plain text. */
function countOf({ active, inactive }: AccountCounts) {
  const isActive = addRoles(active.billable) + addRoles(active.internal);
  return {
    all: isActive + addRoles(inactive.billable) + addRoles(inactive.internal),
    active: isActive,
    internal: addRoles(active.internal) + addRoles(inactive.internal),
  };
}

/** Active and all accounts of each connector. */
export const countByConnector = ({ connectors }: UsageSummary) =>
  connectors.map(({ connector, accounts }) => {
    const { active, all } = countOf(accounts);
    return { connector, active, total: all };
  });

/** All accounts of a summary. */
export function countAccounts({ connectors }: UsageSummary) {
  let sum = { all: 0, active: 0, internal: 0 };
  for (const { accounts } of connectors) {
    const { all, active, internal } = countOf(accounts);
    sum = { all: sum.all + all, active: sum.active + active, internal: sum.internal + internal };
  }
  return sum;
}
