import { z } from 'zod';
import { formatCount } from '../../base/formatCount.ts';
import type { AccountCounts, EndUserCounts, UsageSummary } from '../usage/usageSummary.ts';
import { unitSchema, type Counted, type Unit } from './billingPlan.ts';

/** What each unit is called. */
export const units: Record<Unit, { singular: string; plural: string }> = {
  account: { singular: 'account', plural: 'accounts' },
  endUser: { singular: 'end user', plural: 'end users' },
  connector: { singular: 'connector', plural: 'connectors' },
};

/** The accounts behind an invoice line. A page opens them by these filters. */
export const selectionSchema = z.object({
  unit: unitSchema,
  activity: z.enum(['active', 'inactive', 'total']),
  role: z.enum(['all', 'admin', 'nonAdmin']),
  internal: z.enum(['billable', 'internal', 'all']),
  /** Null for all connectors. */
  connectors: z.array(z.string()).nullable(),
});
export type Selection = z.infer<typeof selectionSchema>;

/** The selections of a plan line: one, or one per connector of the month that has accounts or that the plan names. */
export function selectionsOf(
  counted: Counted,
  summary: UsageSummary,
): { connector: string | null; selection: Selection }[] {
  const { unit, activity, role, connectors } = counted;
  const internal = counted.internal === 'waived' ? ('billable' as const) : ('all' as const);
  const selection = { unit, activity, role, internal, connectors };
  if (!counted.perConnector) return [{ connector: null, selection }];
  const names =
    connectors ??
    summary.connectors.filter(({ accounts }) => hasAccounts(accounts)).map(({ connector }) => connector);
  return names
    .toSorted()
    .map((connector) => ({ connector, selection: { ...selection, connectors: [connector] } }));
}

type Filters = Pick<Selection, 'activity' | 'role' | 'internal'>;
const countRole = ({ admin, nonAdmin }: { admin: number; nonAdmin: number }, role: Selection['role']) =>
  (role === 'nonAdmin' ? 0 : admin) + (role === 'admin' ? 0 : nonAdmin);

function countAccountsOf(counts: AccountCounts, { activity, role, internal }: Filters): number {
  let sum = 0;
  for (const group of ['active', 'inactive'] as const) {
    if (activity !== 'total' && activity !== group) continue;
    if (internal !== 'internal') sum += countRole(counts[group].billable, role);
    if (internal !== 'billable') sum += countRole(counts[group].internal, role);
  }
  return sum;
}

/** Null if the summary has no such number: the groups of end users overlap. */
function countEndUsersOf(counts: EndUserCounts | null, { activity, role, internal }: Filters): number | null {
  if (counts === null || activity === 'inactive' || internal === 'internal') return null;
  return countRole(counts[activity][internal], role);
}

const everyAccount = { activity: 'total', role: 'all', internal: 'all' } as const;
const hasAccounts = (accounts: AccountCounts) => countAccountsOf(accounts, everyAccount) > 0;

/** How many units a selection has. `missing`: why the summary can’t say, as the end of a sentence. */
export function countUnits(
  summary: UsageSummary,
  selection: Selection,
): { count: number; missing: null } | { count: null; missing: string } {
  const { unit, connectors } = selection;
  const among = summary.connectors.filter(({ connector }) => connectors?.includes(connector) ?? true);
  if (unit === 'connector')
    return {
      count: among.filter(({ accounts }) => countAccountsOf(accounts, selection) > 0).length,
      missing: null,
    };
  if (unit === 'account')
    return {
      count: among.reduce((sum, { accounts }) => sum + countAccountsOf(accounts, selection), 0),
      missing: null,
    };
  if (connectors !== null && connectors.length > 1)
    return { count: null, missing: 'the appliance counts distinct end users of one connector or of all' };
  const [only] = among;
  if (connectors !== null && only === undefined) return { count: 0, missing: null };
  const count = countEndUsersOf(connectors === null ? summary.endUsers : (only?.endUsers ?? null), selection);
  return count === null
    ? { count, missing: 'the appliance did not count distinct end users' }
    : { count, missing: null };
}

const roleWords = { all: '', admin: 'admin ', nonAdmin: 'non-admin ' } as const;
const activityWords = { active: 'active ', inactive: 'inactive ', total: '' } as const;
const internalWords = {
  billable: ', not marked as internal development',
  internal: ', marked as internal development',
  all: '',
} as const;

/** Why these accounts count, in words: `active admin accounts of smb, not marked as internal development`. */
export function describeSelection({ unit, activity, role, internal, connectors }: Selection): string {
  const where = connectors === null ? 'all connectors' : connectors.join(', ');
  const accounts = `${activityWords[activity]}${roleWords[role]}accounts of ${where}${internalWords[internal]}`;
  if (unit === 'account') return accounts;
  return unit === 'endUser'
    ? `distinct end users of ${accounts}, each once`
    : `connectors that have ${accounts}`;
}

/** `1 account`, `3,492 end users`. */
export function formatUnits(count: number, unit: Unit): string {
  return `${formatCount(count)} ${count === 1 ? units[unit].singular : units[unit].plural}`;
}
