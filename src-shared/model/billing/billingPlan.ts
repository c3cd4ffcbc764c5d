import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { maxUsageConnectors, maxUsageCount } from '../usage/usageSummary.ts';
import { roundingSchema } from './roundingRule.ts';

/** An exact amount or price in the plan's currency as text, e.g. `0.80`. Never negative; up to six decimal places. */
export const priceSchema = z.string().regex(/^(?:0|[1-9]\d{0,11})(?:\.\d{1,6})?$/u);

/** Printable ASCII, so that no text of a plan looks like another one. */
const labelSchema = z
  .string()
  .regex(/^[!-~](?:[ -~]*[!-~])?$/u)
  .max(64);
const idSchema = z
  .string()
  .regex(/^[a-z\d][a-z\d-]*$/u)
  .max(40);
const daySchema = z.iso.date();

const maxTiers = 16;
const maxPlanLines = 16;
const maxPlans = 20;

/**
 * Steps of a price. Each tier ends with the unit number `upTo`; the last one has no end (null), so that every count has
 * a price.
 */
const tiersSchema = z
  .array(z.strictObject({ upTo: z.int().positive().max(maxUsageCount).nullable(), unitPrice: priceSchema }))
  .min(1)
  .max(maxTiers)
  .refine(
    (tiers) =>
      tiers.every(({ upTo }, index) =>
        index === tiers.length - 1 ? upTo === null : upTo !== null && upTo > (tiers[index - 1]?.upTo ?? 0),
      ),
    'tiers must rise, and the last one must have no end',
  );
export type Tier = z.infer<typeof tiersSchema>[number];

/**
 * What a plan line counts. `account`: each account. `endUser`: each distinct end user once. `connector`: each connector
 * that has at least one counted account.
 */
export const unitSchema = z.enum(['account', 'endUser', 'connector']);
export type Unit = z.infer<typeof unitSchema>;

/** Which units a plan line counts. `connectors`: only accounts of these; null for all. */
export const countedSchema = z.strictObject({
  unit: unitSchema,
  activity: z.enum(['active', 'total']).default('active'),
  role: z.enum(['all', 'admin', 'nonAdmin']).default('all'),
  /** Whether accounts marked as internal development are counted too; they are waived otherwise. */
  internal: z.enum(['waived', 'counted']).default('waived'),
  connectors: z
    .array(
      z
        .string()
        .regex(/^[a-z\d][a-z\d._-]*$/u)
        .max(64),
    )
    .min(1)
    .max(maxUsageConnectors)
    .refine((names) => new Set(names).size === names.length)
    .nullable()
    .default(null),
  /** Whether each connector is counted and priced separately, with its own tiers, included units and minimum. */
  perConnector: z.boolean().default(false),
  /** Units without a charge. Tiers and packages start after them. */
  included: z.int().nonnegative().max(maxUsageCount).default(0),
});
export type Counted = z.infer<typeof countedSchema>;

/** `days`: an amount is multiplied by the days on which the plan is in force and divided by the days of the month. */
const prorationSchema = z.enum(['none', 'days']).default('none');
export type Proration = z.infer<typeof prorationSchema>;

const lineShape = {
  id: idSchema,
  label: labelSchema,
  proration: prorationSchema,
  /** The least amount of the line, or of each connector of it, for a whole month. */
  minimum: priceSchema.nullable().default(null),
};
const countedLine = { ...lineShape, counted: countedSchema };

/** A line of a plan, by its kind. `docs/pricing-plans.md` has an example of each. */
export const planLineSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('flat'), ...lineShape, amount: priceSchema }),
  z.strictObject({ kind: z.literal('perUnit'), ...countedLine, unitPrice: priceSchema }),
  z.strictObject({ kind: z.literal('graduated'), ...countedLine, tiers: tiersSchema }),
  z.strictObject({ kind: z.literal('volume'), ...countedLine, tiers: tiersSchema }),
  z.strictObject({
    kind: z.literal('package'),
    ...countedLine,
    size: z.int().positive().max(maxUsageCount),
    packagePrice: priceSchema,
  }),
]);
export type PlanLine = z.infer<typeof planLineSchema>;
export type CountedPlanLine = Exclude<PlanLine, { kind: 'flat' }>;

const hasUniqueIds = (list: readonly { id: string }[]) =>
  new Set(list.map(({ id }) => id)).size === list.length;

/** A price plan for one month **[ours]**. `from` and `to` are its first and last day in force (UTC); null: no limit. */
export const billingPlanSchema = z.strictObject({
  id: labelSchema,
  label: labelSchema,
  /** A code of ISO 4217. `currencies.ts` knows how many digits it has. */
  currency: z.string().regex(/^[A-Z]{3}$/u),
  rounding: roundingSchema,
  from: daySchema.nullable().default(null),
  to: daySchema.nullable().default(null),
  lines: z.array(planLineSchema).min(1).max(maxPlanLines).refine(hasUniqueIds, 'each line needs its own id'),
  /** The least total of a month. */
  minimum: z.strictObject({ amount: priceSchema, proration: prorationSchema }).nullable().default(null),
});
export type BillingPlan = z.infer<typeof billingPlanSchema>;

/** A licence's field `plans`, absent if it has none. `entitlements.plan` names the `id` of the one that applies. */
export const billingPlansSchema = z
  .array(billingPlanSchema)
  .min(1)
  .max(maxPlans)
  .refine(hasUniqueIds, 'each plan needs its own id');

/** Reads a plan from text or a file. Throws BILLING_PLAN_INVALID, which names the field. */
export function parseBillingPlan(value: unknown): BillingPlan {
  const parsed = billingPlanSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  throw new AppError(
    'BILLING_PLAN_INVALID',
    `The plan’s field ${field || '(root)'} is not valid: ${issue?.message}.`,
    {
      detail: { field },
    },
  );
}

/** The plan with this id. Throws BILLING_PLAN_MISSING, which lists the plans that the licence has. */
export function findPlan(plans: readonly BillingPlan[] | undefined, id: string): BillingPlan {
  const plan = plans?.find((candidate) => candidate.id === id);
  if (plan !== undefined) return plan;
  const known = plans?.map((candidate) => candidate.id) ?? [];
  const message =
    known.length === 0
      ? `The licence has no price plans, so the plan “${id}” is missing.`
      : `The licence has the plans ${known.join(', ')}, but not “${id}”.`;
  throw new AppError('BILLING_PLAN_MISSING', message, { detail: { plan: id, known } });
}
