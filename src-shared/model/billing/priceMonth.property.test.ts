import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  computeIndependently,
  filterAccounts,
  findFreeAccounts,
} from '../../../test-support/billing/independentInvoice.ts';
import { summarize, type TestAccount } from '../../../test-support/billing/population.ts';
import { billingPlanSchema, type BillingPlan } from './billingPlan.ts';
import { planLineKinds } from './charges.ts';
import { priceMonth } from './priceMonth.ts';

const connectors = ['alfresco', 'cmis', 'smb'];
/** Connectors that the appliance may list without accounts; the last one never has any. */
const installed = [...connectors, 'webdav'];
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

const counted = fc
  .record({
    unit: fc.constantFrom('account', 'endUser', 'connector'),
    activity: fc.constantFrom('active', 'total'),
    role: fc.constantFrom('all', 'admin', 'nonAdmin'),
    internal: fc.constantFrom('waived', 'counted'),
    connectors: nullable(fc.subarray(connectors, { minLength: 1 })),
    perConnector: fc.boolean(),
    included: fc.oneof(fc.constant(0), fc.nat(20)),
  })
  // The appliance counts distinct end users of one connector or of all.
  .map((value) => (value.unit === 'endUser' && !value.perConnector ? { ...value, connectors: null } : value));

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

const plan: fc.Arbitrary<BillingPlan> = fc
  .record({
    id: fc.constant('random'),
    label: fc.constant('Random'),
    currency: fc.constantFrom('EUR', 'JPY', 'KWD', 'CLF'),
    rounding: fc.record({
      rule: fc.constantFrom('half-up', 'half-even', 'up', 'down'),
      each: fc.constantFrom('line', 'invoice'),
    }),
    from: fc.constantFrom(null, '2020-01-01', '2027-02-10'),
    to: fc.constantFrom(null, '2027-02-19', '2027-02-28', '2030-12-31'),
    lines: fc
      .array(fc.oneof(...Object.values(lineByKind)), { minLength: 1, maxLength: 5 })
      .map((lines) => lines.map((line, index) => ({ ...line, id: `line-${index}` }))),
    minimum: nullable(fc.record({ amount: price, proration: fc.constantFrom('none', 'days') })),
  })
  .map((value) => billingPlanSchema.parse(value));

const population: fc.Arbitrary<TestAccount[]> = fc.array(
  fc.record({
    connector: fc.constantFrom(...connectors),
    user: fc.integer({ min: 0, max: 25 }).map((number) => `user-${number}`),
    active: fc.boolean(),
    admin: fc.boolean(),
    internal: fc.boolean(),
  }),
  { maxLength: 60 },
);

/** Whole units of the last digit as the text of an amount. */
function format(amount: bigint, digits: number): string {
  const text = String(amount < 0n ? -amount : amount).padStart(digits + 1, '0');
  const point = text.length - digits;
  const shown = digits === 0 ? text : `${text.slice(0, point)}.${text.slice(point)}`;
  return amount < 0n ? `-${shown}` : shown;
}

const runs = 1000;

test(`when ${runs} random plans price random populations, a second computation agrees on every count and amount`, () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(plan, population, fc.subarray(installed), (plan, accounts, installed) => {
      const invoice = priceMonth(plan, summarize(accounts, { month: '2027-02', installed }));
      const expected = computeIndependently(plan, accounts, '2027-02');
      const rows = expected.rows.map(({ key, quantity, amount }) => [
        key,
        quantity,
        format(amount, expected.digits),
      ]);
      if (expected.difference !== 0n)
        rows.push(['rounding', null, format(expected.difference, expected.digits)].map(String));
      const charged = invoice.lines.filter(({ key }) => !key.startsWith('uncharged/'));
      expect(
        charged.map(({ key, quantity, amount }) =>
          key === 'rounding'
            ? [key, 'null', amount.known && amount.value]
            : [key, quantity, amount.known && amount.value],
        ),
      ).toEqual(rows);
      expect(invoice.total).toEqual({ known: true, value: format(expected.total, expected.digits) });
      for (const [why, free] of Object.entries(findFreeAccounts(plan, accounts))) {
        const line = invoice.lines.find(({ key }) => key === `uncharged/${why}`);
        expect(line?.quantity ?? 0).toBe(free.length);
        if (line?.selection == null) continue;
        expect(filterAccounts(line.selection, accounts)).toEqual(free);
        seen.set(`${why} selected`, (seen.get(`${why} selected`) ?? 0) + 1);
      }
      expect(invoice.plainTextAccounts).toBe(accounts.filter(({ internal }) => internal).length);
      for (const { kind } of invoice.lines) seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }),
    { numRuns: runs },
  );
  // Every kind of line took part often enough for the agreement to mean something.
  const often = Object.keys(planLineKinds).concat(
    ['included', 'minimum', 'rounding', 'waived', 'notBilled'],
    ['waived selected', 'inactive selected', 'active selected'],
  );
  expect(often.filter((kind) => (seen.get(kind) ?? 0) < 50)).toEqual([]);
});
