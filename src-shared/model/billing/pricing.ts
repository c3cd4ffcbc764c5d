import type { UsageSummary } from '../usage/usageSummary.ts';
import { countDaysInForce } from './billingMonth.ts';
import type { BillingPlan, Proration } from './billingPlan.ts';
import type { Amount, InvoiceLine } from './invoice.ts';
import { addAll, decimal, decimalOf, divideRounded, formatExact, type Decimal } from './rounding.ts';

/** A line with its exact amount times the days of the month; null if the amount is not known. */
export type PricedLine = { line: InvoiceLine; scaled: Decimal | null };

type LineDraft = Omit<InvoiceLine, 'amount' | 'share' | 'unitPrice'> & {
  unitPrice: string;
  proration: Proration;
};

/** Prices lines of one plan and month. Amounts are kept times the days of the month, so that proration stays exact. */
export function createPricing(plan: BillingPlan, summary: UsageSummary, digits: number) {
  const { days, of } = countDaysInForce(plan, summary.month);
  const monthDays = decimalOf(of);
  const round = (scaled: Decimal) => divideRounded(scaled, monthDays, { rule: plan.rounding.rule, digits });
  const roundsLines = plan.rounding.each === 'line';
  const settle = (scaled: Decimal) => (roundsLines ? round(scaled).times(monthDays) : scaled);
  const scale = (amount: Decimal, proration: Proration) =>
    settle(amount.times(proration === 'days' ? decimalOf(days) : monthDays));
  const known = (scaled: Decimal): Amount => ({ known: true, value: round(scaled).toFixed(digits) });

  function price({ proration, unitPrice, ...draft }: LineDraft): PricedLine {
    const scaled = scale(decimal(unitPrice).times(decimalOf(draft.quantity ?? 0)), proration);
    const share = proration === 'days' && days < of ? { days, of } : null;
    const shown = formatExact(decimal(unitPrice), digits);
    return { line: { ...draft, unitPrice: shown, share, amount: known(scaled) }, scaled };
  }

  /** The line that lifts `lines` to a minimum; empty if they reach it, or if one of them has no amount. */
  function lift(
    lines: readonly PricedLine[],
    minimum: { amount: string; proration: Proration },
    draft: Pick<InvoiceLine, 'key' | 'planLine' | 'connector' | 'label' | 'selection'>,
  ): PricedLine[] {
    const amounts = lines.flatMap(({ scaled }) => (scaled === null ? [] : [scaled]));
    const shortfall = scale(decimal(minimum.amount), minimum.proration).minus(addAll(amounts));
    if (amounts.length < lines.length || shortfall.lte(decimal(0n))) return [];
    const share = minimum.proration === 'days' && days < of ? { days, of } : null;
    const least = formatExact(decimal(minimum.amount), digits);
    const line: InvoiceLine = {
      ...draft,
      kind: 'minimum',
      quantity: 1,
      unitPrice: null,
      units: null,
      alternative: null,
      share,
      amount: known(shortfall),
      reason: `The amounts above are less than the minimum of ${plan.currency} ${least}${share === null ? '' : ' a month'}.`,
    };
    return [{ line, scaled: shortfall }];
  }

  return { price, lift, round, known, roundsLines };
}
export type Pricing = ReturnType<typeof createPricing>;
