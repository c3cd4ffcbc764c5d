import createDecimal from 'big.js';
import { z } from 'zod';

/** How an amount that lies between two steps of the currency is rounded. `mode` is the number that big.js has for it. */
const roundingRules = {
  'half-up': { mode: 1, words: 'half up' },
  'half-even': { mode: 2, words: 'half to even' },
  up: { mode: 3, words: 'up' },
  down: { mode: 0, words: 'down' },
} as const;
export const roundingRuleSchema = z.enum(['half-up', 'half-even', 'up', 'down']);
export type RoundingRule = z.infer<typeof roundingRuleSchema>;

const roundedParts = {
  line: { words: (how: string) => `Each line is rounded ${how}, then added.` },
  invoice: { words: (how: string) => `All lines are added, then the total is rounded ${how}.` },
} as const;

/** How a plan rounds. `each`: what is rounded; the other amounts follow from it. */
export const roundingSchema = z.strictObject({
  rule: roundingRuleSchema,
  each: z.enum(['line', 'invoice']),
});
export type Rounding = z.infer<typeof roundingSchema>;

/** The rule as a sentence: `Each line is rounded half up to 2 digits, then added.` */
export function describeRounding({ rule, each }: Rounding, digits: number): string {
  const precision = digits === 0 ? 'whole units' : `${digits} digits`;
  return roundedParts[each].words(`${roundingRules[rule].words} to ${precision}`);
}

/** An exact decimal number. Takes text and bigint only: a floating-point number throws. */
export const decimal = createDecimal();
decimal.strict = true;
export type Decimal = InstanceType<typeof decimal>;

/** A whole number, e.g. of accounts, as a decimal number. */
export function decimalOf(count: number): Decimal {
  return decimal(BigInt(count));
}

/** `value` divided by `divisor` and rounded once, so that no result is rounded twice. */
export function divideRounded(
  value: Decimal,
  divisor: Decimal,
  { rule, digits }: { rule: RoundingRule; digits: number },
): Decimal {
  const rounded = createDecimal();
  rounded.strict = true;
  rounded.DP = digits;
  rounded.RM = roundingRules[rule].mode;
  return decimal(rounded(value.toFixed()).div(divisor.toFixed()).toFixed());
}

export function addAll(values: readonly Decimal[]): Decimal {
  let sum = decimal(0n);
  for (const value of values) sum = sum.plus(value);
  return sum;
}

/** The same value with at least `digits` digits after the point: `0.8` of euros is `0.80`, `0.125` stays. */
export function formatExact(value: Decimal, digits: number): string {
  const text = value.toFixed();
  const own = text.split('.')[1]?.length ?? 0;
  return own < digits ? value.toFixed(digits) : text;
}
