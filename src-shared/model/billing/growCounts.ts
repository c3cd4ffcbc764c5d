import {
  maxUsageCount,
  type AccountCounts,
  type ConnectorUsage,
  type EndUserCounts,
  type UsageSummary,
} from '../usage/usageSummary.ts';

type Roles = { admin: number; nonAdmin: number };
/** Counts now, and at the start and the end of the time whose growth is repeated. */
type Points<Value> = { now: Value; start: Value; end: Value };

/** Adds `scale` times the growth from `start` to `end`; a count is never negative. */
function growRoles({ now, start, end }: Points<Roles>, scale: number): Roles {
  const grow = (role: keyof Roles) =>
    Math.min(maxUsageCount, Math.max(0, now[role] + Math.round((end[role] - start[role]) * scale)));
  return { admin: grow('admin'), nonAdmin: grow('nonAdmin') };
}

const pick = <Value, Part>(
  { now, start, end }: Points<Value>,
  read: (value: Value) => Part,
): Points<Part> => ({
  now: read(now),
  start: read(start),
  end: read(end),
});

const growAccounts = (points: Points<AccountCounts>, scale: number): AccountCounts => {
  const grow = (activity: 'active' | 'inactive') => ({
    billable: growRoles(
      pick(points, (counts) => counts[activity].billable),
      scale,
    ),
    internal: growRoles(
      pick(points, (counts) => counts[activity].internal),
      scale,
    ),
  });
  return { active: grow('active'), inactive: grow('inactive') };
};

function growEndUsers(
  { now, start, end }: Points<EndUserCounts | null>,
  scale: number,
): EndUserCounts | null {
  if (now === null || start === null || end === null) return null;
  const grow = (activity: 'active' | 'total') => ({
    billable: growRoles(
      pick({ now, start, end }, (counts) => counts[activity].billable),
      scale,
    ),
    all: growRoles(
      pick({ now, start, end }, (counts) => counts[activity].all),
      scale,
    ),
  });
  return { active: grow('active'), total: grow('total') };
}

const none = { admin: 0, nonAdmin: 0 };
const noAccounts: AccountCounts = {
  active: { billable: none, internal: none },
  inactive: { billable: none, internal: none },
};
const noEndUsers: EndUserCounts = {
  active: { billable: none, all: none },
  total: { billable: none, all: none },
};

function usageOf({ connectors }: UsageSummary, connector: string): ConnectorUsage {
  return (
    connectors.find((usage) => usage.connector === connector) ?? {
      connector,
      accounts: noAccounts,
      endUsers: noEndUsers,
    }
  );
}

/** The counts of `now` after the growth from `start` to `end`, times `scale`. All counts grow as they did together. */
export function growCounts(points: Points<UsageSummary>, scale: number): UsageSummary {
  const { now, start, end } = points;
  const names = new Set(
    [now, start, end].flatMap(({ connectors }) => connectors.map(({ connector }) => connector)),
  );
  return {
    ...now,
    connectors: [...names].toSorted().map((connector) => {
      const usage = pick(points, (summary) => usageOf(summary, connector));
      return {
        connector,
        accounts: growAccounts(
          pick(usage, ({ accounts }) => accounts),
          scale,
        ),
        endUsers: growEndUsers(
          pick(usage, ({ endUsers }) => endUsers),
          scale,
        ),
      };
    }),
    endUsers: growEndUsers(
      pick(points, ({ endUsers }) => endUsers),
      scale,
    ),
  };
}
