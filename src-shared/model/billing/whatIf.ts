import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { usageSummarySchema, type AccountCounts, type UsageSummary } from '../usage/usageSummary.ts';
import { billingPlanSchema, type BillingPlan } from './billingPlan.ts';
import { compareInvoices, invoiceComparisonSchema } from './compareInvoices.ts';
import { amountSchema, invoiceSchema, type Amount, type Invoice } from './invoice.ts';
import { priceMonth } from './priceMonth.ts';
import { decimal, decimalOf, divideRounded } from './rounding.ts';
import { formatUnits } from './selection.ts';

/** A number of alike accounts that a step changes. */
const movedAccountsSchema = z.strictObject({
  connector: z.string(),
  activity: z.enum(['active', 'inactive']),
  internal: z.enum(['billable', 'internal']),
  role: z.enum(['admin', 'nonAdmin']),
  count: z.int().nonnegative(),
});
type MovedAccounts = z.infer<typeof movedAccountsSchema>;

/**
 * A step of a what-if. `counts`: the appliance counted as if the step was made, so distinct end users are known too;
 * `markInternal` and `deactivate` only move numbers of accounts.
 */
export const whatIfStepSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('markInternal'),
    label: z.string(),
    accounts: z.array(movedAccountsSchema),
  }),
  z.strictObject({
    kind: z.literal('deactivate'),
    label: z.string(),
    accounts: z.array(movedAccountsSchema),
  }),
  z.strictObject({ kind: z.literal('counts'), label: z.string(), summary: usageSummarySchema }),
  z.strictObject({ kind: z.literal('plan'), label: z.string(), plan: billingPlanSchema }),
]);
export type WhatIfStep = z.infer<typeof whatIfStepSchema>;
type MoveKind = 'markInternal' | 'deactivate';

/** Which accounts each move takes, and where they are afterwards. */
const moves: Record<MoveKind, Pick<MovedAccounts, 'activity'> | Pick<MovedAccounts, 'internal'>> = {
  markInternal: { internal: 'internal' },
  deactivate: { activity: 'inactive' },
};

function addTo(
  counts: AccountCounts,
  { activity, internal, role }: Omit<MovedAccounts, 'count' | 'connector'>,
  count: number,
): AccountCounts {
  const group = counts[activity];
  const roles = { ...group[internal], [role]: group[internal][role] + count };
  return { ...counts, [activity]: { ...group, [internal]: roles } };
}

function moveOf(kind: MoveKind, moved: MovedAccounts, counts: AccountCounts): AccountCounts {
  const after = { ...moved, ...moves[kind] };
  if (counts[moved.activity][moved.internal][moved.role] < moved.count)
    throw new AppError(
      'INVALID_INPUT',
      `${moved.connector} has fewer than ${formatUnits(moved.count, 'account')} of that kind.`,
      {
        detail: { field: 'accounts', connector: moved.connector },
      },
    );
  return addTo(addTo(counts, moved, -moved.count), after, moved.count);
}

/** The counts after accounts were moved. How many distinct end users are left is then not known. Throws INVALID_INPUT. */
function moveAccounts(
  summary: UsageSummary,
  kind: MoveKind,
  accounts: readonly MovedAccounts[],
): UsageSummary {
  let { connectors } = summary;
  for (const moved of accounts.filter(({ count }) => count > 0)) {
    if (!connectors.some(({ connector }) => connector === moved.connector))
      throw new AppError('INVALID_INPUT', `There are no accounts of ${moved.connector}.`, {
        detail: { field: 'accounts', connector: moved.connector },
      });
    connectors = connectors.map((usage) =>
      usage.connector === moved.connector
        ? { ...usage, accounts: moveOf(kind, moved, usage.accounts), endUsers: null }
        : usage,
    );
  }
  if (connectors === summary.connectors) return summary;
  const moved = accounts.reduce((sum, { count }) => sum + count, 0);
  const assumed = summary.assumed ?? { markedInternal: 0, deactivated: 0, idleDays: null };
  const field = kind === 'markInternal' ? 'markedInternal' : 'deactivated';
  return { ...summary, connectors, endUsers: null, assumed: { ...assumed, [field]: assumed[field] + moved } };
}

/** A bill before and after steps, and how many accounts the report names in plain text. */
export const pricedWhatIfSchema = z.object({
  before: invoiceSchema,
  after: invoiceSchema,
  steps: z.array(
    z.object({
      label: z.string(),
      kind: z.enum(['markInternal', 'deactivate', 'counts', 'plan']),
      saving: amountSchema,
      /** Names that go out in plain text for this step; null if that is not known. */
      addedNames: z.int().nullable(),
      savingPerName: z.string().nullable(),
    }),
  ),
  comparison: invoiceComparisonSchema,
  plainText: z.object({
    before: z.int().nullable(),
    after: z.int().nullable(),
    added: z.int().nullable(),
  }),
});
export type PricedWhatIf = z.infer<typeof pricedWhatIfSchema>;

type Base = { summary: UsageSummary; plan: BillingPlan };

function applyStep({ summary, plan }: Base, step: WhatIfStep): Base {
  switch (step.kind) {
    case 'plan':
      return { summary, plan: step.plan };
    case 'counts':
      return { summary: step.summary, plan };
    case 'markInternal':
    case 'deactivate':
      return { summary: moveAccounts(summary, step.kind, step.accounts), plan };
  }
}

/** The saving of a step for each name that goes out in plain text for it; null if none does or the saving is unknown. */
function savingPerName(saving: Amount, names: number | null, { digits }: Invoice): string | null {
  if (!saving.known || names === null || names <= 0) return null;
  return divideRounded(decimal(saving.value), decimalOf(names), { rule: 'down', digits }).toFixed(digits);
}

const negate = (amount: Amount, digits: number): Amount =>
  amount.known ? { known: true, value: decimal(0n).minus(decimal(amount.value)).toFixed(digits) } : amount;

const added = (before: number | null, after: number | null) =>
  before === null || after === null ? null : after - before;

/**
 * The invoice after steps that the appliance has not made, and how many accounts the report then names in plain text. Each
 * step comes after the ones before it, so the savings add up. Throws INVALID_INPUT if a step moves more accounts than
 * there are, BILLING_CURRENCIES_DIFFER, and the errors of `priceMonth`.
 */
export function priceWhatIf(base: Base, steps: readonly WhatIfStep[]): PricedWhatIf {
  const before = priceMonth(base.plan, base.summary);
  let state = base;
  let after = before;
  const priced = steps.map((step) => {
    state = applyStep(state, step);
    const invoice = priceMonth(state.plan, state.summary);
    const saving = negate(compareInvoices(after, invoice).difference, invoice.digits);
    const names = added(after.plainTextAccounts, invoice.plainTextAccounts);
    after = invoice;
    return {
      label: step.label,
      kind: step.kind,
      saving,
      addedNames: names,
      savingPerName: savingPerName(saving, names, invoice),
    };
  });
  return {
    before,
    after,
    steps: priced,
    comparison: compareInvoices(before, after),
    plainText: {
      before: before.plainTextAccounts,
      after: after.plainTextAccounts,
      added: added(before.plainTextAccounts, after.plainTextAccounts),
    },
  };
}
