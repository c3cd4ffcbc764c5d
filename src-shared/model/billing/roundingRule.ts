import { z } from 'zod';

/* Without the arithmetic, because each command of the kit reads licences, and with them plans. */

/** How an amount that lies between two steps of the currency is rounded. `mode` is the number that big.js has for it. */
export const roundingRules = {
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
