import type { UsageSummary } from '../usage/usageSummary.ts';
import type { BillingPlan, Counted } from './billingPlan.ts';
import { countUnits, type Selection } from './selection.ts';

const activities = ['active', 'inactive'] as const;
const roles = ['admin', 'nonAdmin'] as const;

/** Whether a plan line counts accounts of this connector, activity and role. */
function covers(
  { unit, connectors, activity, role }: Counted,
  cell: { connector: string; activity: 'active' | 'inactive'; role: 'admin' | 'nonAdmin' },
): boolean {
  return (
    unit !== 'connector' &&
    (connectors?.includes(cell.connector) ?? true) &&
    (activity === 'total' || activity === cell.activity) &&
    (role === 'all' || role === cell.role)
  );
}

/**
 * Numbers of accounts that cost nothing. `waived`: a line would count them if they were not internal development.
 * `inactive`, `active`: no line counts them.
 */
function countUncharged(plan: BillingPlan, summary: UsageSummary) {
  const counted = plan.lines.flatMap((line) => (line.kind === 'flat' ? [] : [line.counted]));
  const counts = { waived: 0, inactive: 0, active: 0 };
  for (const { connector, accounts } of summary.connectors)
    for (const activity of activities)
      for (const role of roles) {
        const covering = counted.filter((line) => covers(line, { connector, activity, role }));
        const { billable, internal } = accounts[activity];
        if (covering.length === 0) counts[activity] += billable[role] + internal[role];
        if (covering.some((line) => line.internal === 'waived')) counts.waived += internal[role];
      }
  return counts;
}

const reasons = {
  waived: {
    kind: 'waived',
    label: 'Internal development, waived',
    reason:
      'Accounts marked as internal development, whose fees are waived. Their names are sent in plain text.',
  },
  inactive: {
    kind: 'notBilled',
    label: 'Inactive, not billed',
    reason: 'Inactive accounts, which no line of the plan counts.',
  },
  active: {
    kind: 'notBilled',
    label: 'Active, not billed',
    reason: 'Active accounts, which no line of the plan counts.',
  },
} as const;

const everyAccount = { unit: 'account', role: 'all', connectors: null } as const;
/** Filters that may select exactly the uncharged accounts, the widest last. */
const candidates: Record<keyof typeof reasons, Selection[]> = {
  waived: [
    { ...everyAccount, activity: 'active', internal: 'internal' },
    { ...everyAccount, activity: 'total', internal: 'internal' },
  ],
  inactive: [{ ...everyAccount, activity: 'inactive', internal: 'all' }],
  active: [{ ...everyAccount, activity: 'active', internal: 'all' }],
};

/** Accounts of the month that cost nothing, by why they do. The selection is null if no filter gives exactly these. */
export function findUncharged(plan: BillingPlan, summary: UsageSummary) {
  const counts = countUncharged(plan, summary);
  return (['waived', 'inactive', 'active'] as const)
    .filter((why) => counts[why] > 0)
    .map((why) => {
      const selection =
        candidates[why].find((filters) => countUnits(summary, filters).count === counts[why]) ?? null;
      return { key: `uncharged/${why}`, ...reasons[why], count: counts[why], selection };
    });
}
