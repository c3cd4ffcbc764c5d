import type { UsageSummary } from '../usage/usageSummary.ts';
import type { BillingPlan, Counted } from './billingPlan.ts';
import type { Selection } from './selection.ts';

const activities = ['active', 'inactive'] as const;
const roles = ['admin', 'nonAdmin'] as const;

type Cell = { connector: string; activity: (typeof activities)[number]; role: (typeof roles)[number] };

/** Whether a plan line or a selection counts accounts of this connector, activity and role. */
const covers = (
  { connectors, activity, role }: Pick<Counted | Selection, 'connectors' | 'activity' | 'role'>,
  cell: Cell,
): boolean =>
  (connectors?.includes(cell.connector) ?? true) &&
  (activity === 'total' || activity === cell.activity) &&
  (role === 'all' || role === cell.role);

type Why = 'waived' | 'inactive' | 'active';
type Uncharged = Cell & { count: number };

/**
 * Accounts that cost nothing. `waived`: a line would count them if they were not internal development. `inactive`,
 * `active`: no line counts them. `all`: each cell with accounts; `internal`: with internal ones.
 */
function sortUncharged(plan: BillingPlan, summary: UsageSummary) {
  const counted = plan.lines.flatMap((line) =>
    line.kind === 'flat' || line.counted.unit === 'connector' ? [] : [line.counted],
  );
  const uncharged: Record<Why, Uncharged[]> = { waived: [], inactive: [], active: [] };
  const all: Cell[] = [];
  const internal: Cell[] = [];
  for (const { connector, accounts } of summary.connectors)
    for (const activity of activities)
      for (const role of roles) {
        const cell = { connector, activity, role };
        const counts = accounts[activity];
        const total = counts.billable[role] + counts.internal[role];
        if (total > 0) all.push(cell);
        if (counts.internal[role] > 0) internal.push(cell);
        const covering = counted.filter((line) => covers(line, cell));
        if (covering.length === 0) uncharged[activity].push({ ...cell, count: total });
        if (covering.some((line) => line.internal === 'waived'))
          uncharged.waived.push({ ...cell, count: counts.internal[role] });
      }
  return { uncharged, all, internal };
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

/** The one value of a list; otherwise `several`. */
const onlyOne = <Value, Several>(values: readonly Value[], several: Several): Value | Several => {
  const [first] = values;
  return first !== undefined && values.every((value) => value === first) ? first : several;
};

/** The widest filters that select exactly `cells` of `among`, which have all accounts of the kind. Null if there are none. */
function selectExactly(
  cells: readonly Cell[],
  among: readonly Cell[],
  internal: Selection['internal'],
): Selection | null {
  const isIn = new Set(cells.map(({ connector, activity, role }) => `${activity} ${role} ${connector}`));
  const activity = onlyOne(
    cells.map((cell) => cell.activity),
    'total' as const,
  );
  const role = onlyOne(
    cells.map((cell) => cell.role),
    'all' as const,
  );
  const names = [...new Set(cells.map(({ connector }) => connector))].toSorted();
  const filters = [
    { role: 'all' as const, connectors: null },
    { role, connectors: null },
    { role: 'all' as const, connectors: names },
    { role, connectors: names },
  ];
  const exact = filters.find((filter) =>
    among.every(
      (cell) =>
        covers({ ...filter, activity }, cell) === isIn.has(`${cell.activity} ${cell.role} ${cell.connector}`),
    ),
  );
  return exact === undefined ? null : { unit: 'account', activity, internal, ...exact };
}

/** Accounts of the month that cost nothing, by why they do. The selection is null if no filter gives exactly these. */
export function findUncharged(plan: BillingPlan, summary: UsageSummary) {
  const { uncharged, all, internal } = sortUncharged(plan, summary);
  return (['waived', 'inactive', 'active'] as const).flatMap((why) => {
    const cells = uncharged[why].filter(({ count }) => count > 0);
    if (cells.length === 0) return [];
    const selection =
      why === 'waived' ? selectExactly(cells, internal, 'internal') : selectExactly(cells, all, 'all');
    const count = cells.reduce((sum, cell) => sum + cell.count, 0);
    return [{ key: `uncharged/${why}`, ...reasons[why], count, selection }];
  });
}
