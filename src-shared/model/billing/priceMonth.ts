import { AppError } from '../../errors.ts';
import type { UsageSummary } from '../usage/usageSummary.ts';
import { readMonth } from './billingMonth.ts';
import type { BillingPlan } from './billingPlan.ts';
import { findCurrencyDigits } from './currencies.ts';
import { unknownAmount, type Amount, type Invoice, type InvoiceLine } from './invoice.ts';
import { noUnits, pricePlanLine } from './planLines.ts';
import { createPricing, type PricedLine, type Pricing } from './pricing.ts';
import { addAll, decimal } from './rounding.ts';
import { describeRounding } from './roundingRule.ts';
import { findUncharged } from './uncharged.ts';

function unchargedLines(plan: BillingPlan, summary: UsageSummary, pricing: Pricing): PricedLine[] {
  if (summary.cutShort !== null) return [];
  return findUncharged(plan, summary).map(({ count, ...shared }) =>
    pricing.price({
      ...noUnits,
      ...shared,
      planLine: null,
      quantity: count,
      units: count,
      unitPrice: '0',
      proration: 'none',
    }),
  );
}

/** The total, and the line that makes rounded lines add up to a total that is rounded once. */
function addUp(
  lines: readonly PricedLine[],
  digits: number,
  pricing: Pricing,
): { total: Amount; rounding: InvoiceLine[] } {
  const unknown = lines.flatMap(({ line }) =>
    line.amount.known ? [] : [{ label: line.label, ...line.amount }],
  );
  const [first] = unknown;
  if (first !== undefined) {
    const names = unknown.slice(0, 3).map(({ label }) => `“${label}”`);
    const more = unknown.length > names.length ? ` and ${unknown.length - names.length} more` : '';
    return {
      total: unknownAmount(first.code, `No amount for ${names.join(', ')}${more}. ${first.reason}`),
      rounding: [],
    };
  }
  const exact = addAll(lines.flatMap(({ scaled }) => (scaled === null ? [] : [scaled])));
  const total = pricing.round(exact);
  const shown = addAll(lines.flatMap(({ line }) => (line.amount.known ? [decimal(line.amount.value)] : [])));
  const difference = total.minus(shown);
  if (difference.eq(decimal(0n))) return { total: pricing.known(exact), rounding: [] };
  const rounding: InvoiceLine = {
    ...noUnits,
    key: 'rounding',
    planLine: null,
    kind: 'rounding',
    label: 'Rounding',
    unitPrice: null,
    share: null,
    amount: { known: true, value: difference.toFixed(digits) },
    reason: 'The lines are shown rounded, but added before rounding.',
  };
  return { total: pricing.known(exact), rounding: [rounding] };
}

const countPlainText = ({ cutShort, connectors }: UsageSummary) =>
  cutShort === null
    ? connectors.reduce(
        (sum, { accounts: { active, inactive } }) =>
          sum +
          active.internal.admin +
          active.internal.nonAdmin +
          inactive.internal.admin +
          inactive.internal.nonAdmin,
        0,
      )
    : null;

/**
 * Prices the counts of a month. A line whose count is not known has no amount, and then the total has none.
 * Throws BILLING_CURRENCY_UNKNOWN, BILLING_PLAN_NOT_IN_FORCE and BILLING_CLOCK.
 */
export function priceMonth(plan: BillingPlan, summary: UsageSummary): Invoice {
  const { month, takenAt, applianceId } = summary;
  const digits = findCurrencyDigits(plan.currency);
  if (digits === null)
    throw new AppError(
      'BILLING_CURRENCY_UNKNOWN',
      `The plan “${plan.id}” has the currency ${plan.currency}, which ISO 4217 does not list.`,
      {
        detail: { plan: plan.id, currency: plan.currency },
      },
    );
  if (Date.parse(takenAt) < readMonth(month).start)
    throw new AppError(
      'BILLING_CLOCK',
      `The counts of ${month} were taken on ${takenAt.slice(0, 10)}, before that month began.`,
      {
        detail: { month, takenAt },
      },
    );
  const pricing = createPricing(plan, summary, digits);
  const charged = plan.lines.flatMap((line) => pricePlanLine(line, summary, pricing));
  const lifted =
    plan.minimum === null
      ? []
      : pricing.lift(charged, plan.minimum, {
          key: 'minimum',
          planLine: null,
          connector: null,
          label: 'Minimum of the month',
          selection: null,
        });
  const lines = [...charged, ...lifted, ...unchargedLines(plan, summary, pricing)];
  const { total, rounding } = addUp(lines, digits, pricing);
  return {
    applianceId,
    month,
    takenAt,
    plan: { id: plan.id, label: plan.label },
    currency: plan.currency,
    digits,
    rounding: describeRounding(plan.rounding, digits),
    lines: [...lines.map(({ line }) => line), ...rounding],
    total,
    plainTextAccounts: countPlainText(summary),
    isWhatIf: summary.assumed !== null,
  };
}
