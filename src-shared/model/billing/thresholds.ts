import { z } from 'zod';
import { priceSchema } from './billingPlan.ts';
import { formatMoney, type Amount } from './invoice.ts';
import { requireSameCurrency } from './compareInvoices.ts';
import { decimal } from './rounding.ts';

/** An amount of a month above which the console warns. */
export const billingThresholdSchema = z.strictObject({
  amount: priceSchema,
  currency: z.string().regex(/^[A-Z]{3}$/u),
});
export type BillingThreshold = z.infer<typeof billingThresholdSchema>;

/** How an invoice stands to a threshold, from the most to the least serious. */
export const thresholdStates = {
  exceeded: { severity: 'bad', describe: (limit: string) => `The amount to date is above ${limit}.` },
  expected: { severity: 'warn', describe: (limit: string) => `The projected amount is above ${limit}.` },
  possible: {
    severity: 'warn',
    describe: (limit: string) => `The upper end of the range is above ${limit}.`,
  },
  unknown: {
    severity: 'warn',
    describe: (limit: string) => `It is not known whether the amount is above ${limit}.`,
  },
  below: { severity: null, describe: (limit: string) => `All amounts are at most ${limit}.` },
} as const satisfies Record<ThresholdState, unknown>;
const thresholdStateSchema = z.enum(['exceeded', 'expected', 'possible', 'unknown', 'below']);
type ThresholdState = z.infer<typeof thresholdStateSchema>;

export const thresholdCheckSchema = z.object({
  state: thresholdStateSchema,
  severity: z.enum(['bad', 'warn']).nullable(),
  message: z.string(),
});
type ThresholdCheck = z.infer<typeof thresholdCheckSchema>;

/** Null if the amount is not known. */
const isAbove = (amount: Amount | null, limit: string): boolean | null =>
  amount?.known === true ? decimal(amount.value).gt(decimal(limit)) : null;

/**
 * Compares a threshold with the amounts of a month. `projected` and `high` are null if there is no projection.
 * Throws BILLING_CURRENCIES_DIFFER.
 */
export function checkThreshold(
  threshold: BillingThreshold,
  amounts: { currency: string; toDate: Amount; projected: Amount | null; high: Amount | null },
): ThresholdCheck & {
  /** Which of the warnings last; null if that is not known. The amount to date ends the one of the projection. */
  lasting: Record<'exceeded' | 'expected', boolean | null>;
} {
  requireSameCurrency(threshold.currency, amounts.currency);
  const limit = threshold.amount;
  const [toDate, projected, high] = [amounts.toDate, amounts.projected, amounts.high].map((amount) =>
    isAbove(amount, limit),
  );
  const state: ThresholdState =
    toDate === true
      ? 'exceeded'
      : projected === true
        ? 'expected'
        : high === true
          ? 'possible'
          : toDate === null || projected === null || high === null
            ? 'unknown'
            : 'below';
  const { severity, describe } = thresholdStates[state];
  const lasting = {
    exceeded: toDate ?? null,
    expected: toDate === true ? false : (projected ?? null),
  };
  return { state, severity, message: describe(formatMoney(limit, threshold.currency)), lasting };
}
