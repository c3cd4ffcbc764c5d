import createDecimal from 'big.js';
import { roundingRules, type RoundingRule } from './roundingRule.ts';

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
