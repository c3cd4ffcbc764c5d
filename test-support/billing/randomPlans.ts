import fc from 'fast-check';
import { billingPlanSchema, type BillingPlan } from '../../src-shared/model/billing/billingPlan.ts';
import type { planLineKinds } from '../../src-shared/model/billing/charges.ts';

const price = fc.oneof(
  fc.constantFrom('0', '0.005', '0.015', '0.000001', '1.20', '0.80', '999999999999.999999'),
  fc.tuple(fc.nat(50), fc.nat(999_999)).map(([whole, part]) => `${whole}.${String(part).padStart(6, '0')}`),
);
const nullable = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const tiers = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }),
    fc.array(price, { minLength: 5, maxLength: 5 }),
  )
  .map(([ends, prices]) =>
    [...ends.toSorted((a, b) => a - b), null].map((upTo, index) => ({ upTo, unitPrice: prices[index] })),
  );

const countedOf = (connectors: readonly string[]) =>
  fc
    .record({
      unit: fc.constantFrom('account', 'endUser', 'connector'),
      activity: fc.constantFrom('active', 'total'),
      role: fc.constantFrom('all', 'admin', 'nonAdmin'),
      internal: fc.constantFrom('waived', 'counted'),
      connectors: nullable(fc.subarray([...connectors], { minLength: 1 })),
      perConnector: fc.boolean(),
      included: fc.oneof(fc.constant(0), fc.nat(20)),
    })
    // The appliance counts distinct end users of one connector or of all.
    .map((value) =>
      value.unit === 'endUser' && !value.perConnector
        ? { ...value, connectors: value.connectors?.length === 1 ? value.connectors : null }
        : value,
    );

/**
 * Plans of one to five lines of every kind. `connectors`: those that a plan may name. `from`, `to`: the days among which a plan
 * begins and ends; null for no limit.
 */
export function randomPlans(options: {
  connectors: readonly string[];
  from: readonly (string | null)[];
  to: readonly (string | null)[];
}): fc.Arbitrary<BillingPlan> {
  const counted = countedOf(options.connectors);
  const shared = {
    proration: fc.constantFrom('none', 'days'),
    minimum: nullable(price),
    label: fc.constant('Line'),
  };
  const lineByKind = {
    flat: fc.record({ kind: fc.constant('flat'), ...shared, amount: price }),
    perUnit: fc.record({ kind: fc.constant('perUnit'), ...shared, counted, unitPrice: price }),
    graduated: fc.record({ kind: fc.constant('graduated'), ...shared, counted, tiers }),
    volume: fc.record({ kind: fc.constant('volume'), ...shared, counted, tiers }),
    package: fc.record({
      kind: fc.constant('package'),
      ...shared,
      counted,
      size: fc.integer({ min: 1, max: 12 }),
      packagePrice: price,
    }),
  } satisfies Record<keyof typeof planLineKinds, unknown>;
  return fc
    .record({
      id: fc.constant('random'),
      label: fc.constant('Random'),
      currency: fc.constantFrom('EUR', 'JPY', 'KWD', 'CLF'),
      rounding: fc.record({
        rule: fc.constantFrom('half-up', 'half-even', 'up', 'down'),
        each: fc.constantFrom('line', 'invoice'),
      }),
      from: fc.constantFrom(...options.from),
      to: fc.constantFrom(...options.to),
      lines: fc
        .array(fc.oneof(...Object.values(lineByKind)), { minLength: 1, maxLength: 5 })
        .map((lines) => lines.map((line, index) => ({ ...line, id: `line-${index}` }))),
      minimum: nullable(fc.record({ amount: price, proration: fc.constantFrom('none', 'days') })),
    })
    .map((value) => billingPlanSchema.parse(value));
}
