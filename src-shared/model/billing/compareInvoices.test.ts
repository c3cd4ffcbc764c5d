import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aPlan } from '../../../test-support/billing/aPlan.ts';
import { makeAccounts, summarize } from '../../../test-support/billing/population.ts';
import { compareInvoices } from './compareInvoices.ts';
import { priceMonth } from './priceMonth.ts';

const month = (users: number, admins: number, name = '2026-11') =>
  summarize([...makeAccounts(users), ...makeAccounts(admins, { admin: true })], { month: name });
const october = priceMonth(aPlan(), month(4005, 36, '2026-10'));
const changes = (comparison: ReturnType<typeof compareInvoices>) =>
  comparison.lines.map(({ key, difference, quantity, price, why }) => [
    key,
    ...[difference, quantity, price].map((amount) => amount.known && amount.value),
    why,
  ]);

test('when more accounts are counted at the same prices, the quantity explains the whole difference', () => {
  const comparison = compareInvoices(october, priceMonth(aPlan(), month(4550, 40)));
  expect(changes(comparison)).toEqual([
    ['users/tier-1', '0.00', '0.00', '0.00', 'No change.'],
    ['users/tier-2', '436.00', '436.00', '0.00', '545 more accounts: +EUR 436.00.'],
    ['admins', '36.00', '36.00', '0.00', '4 more accounts: +EUR 36.00.'],
  ]);
  expect(comparison).toMatchObject({
    difference: { value: '472.00' },
    quantity: { value: '472.00' },
    price: { value: '0.00' },
    percent: '12.0',
  });
});

test('when price and quantity change, the quantity counts at the old price and the price has the rest', () => {
  const lines = aPlan().lines.map((line) =>
    line.kind === 'perUnit' ? { ...line, unitPrice: '9.50' } : line,
  );
  const plan = aPlan({ lines });
  const comparison = compareInvoices(october, priceMonth(plan, month(4005, 35)));
  expect(changes(comparison)[2]).toEqual([
    'admins',
    '8.50',
    '-9.00',
    '17.50',
    '1 fewer account: −EUR 9.00. The unit price rose from 9.00 to 9.50: +EUR 17.50.',
  ]);
});

test('when the first accounts of a tier appear, the line is explained by its quantity', () => {
  const comparison = compareInvoices(priceMonth(aPlan(), month(900, 0)), priceMonth(aPlan(), month(1010, 0)));
  expect(changes(comparison).slice(0, 2)).toEqual([
    ['users/tier-1', '120.00', '120.00', '0.00', '100 more accounts: +EUR 120.00.'],
    ['users/tier-2', '8.00', '8.00', '0.00', '10 more accounts: +EUR 8.00.'],
  ]);
});

test('when a plan was in force for part of the month before, the days explain the difference', () => {
  const lines = [
    { kind: 'flat' as const, id: 'base', label: 'Base fee', amount: '310', proration: 'days' as const },
  ];
  const plan = aPlan({ lines, from: '2026-10-22' });
  const comparison = compareInvoices(priceMonth(plan, month(1, 0, '2026-10')), priceMonth(plan, month(1, 0)));
  expect(changes(comparison)[0]).toEqual([
    'base',
    '210.00',
    '0.00',
    '210.00',
    'Charged for the whole month in place of 10 of 31 days: +EUR 210.00.',
  ]);
});

test('when an amount is not known, the difference has its reason and no amount', () => {
  const cutShort = priceMonth(aPlan(), { ...month(1, 1), cutShort: 'the database went down' });
  const comparison = compareInvoices(october, cutShort);
  expect(comparison.difference).toMatchObject({ known: false, code: 'BILLING_COUNTS_INCOMPLETE' });
  expect(comparison.percent).toBeNull();
});

test('when the currencies differ, the comparison is rejected', () => {
  const yen = priceMonth(aPlan({ currency: 'JPY' }), month(1, 1));
  expect(() => compareInvoices(october, yen)).toThrow(
    expect.objectContaining({ code: 'BILLING_CURRENCIES_DIFFER' }),
  );
});

const cents = (text: string) => BigInt(text.replace('.', ''));
const kinds = ['graduated', 'volume'] as const;
test('when any two months are compared, the parts of all lines add up to the difference of the totals', () => {
  const plan = fc
    .record({
      id: fc.constantFrom('a', 'b'),
      kind: fc.constantFrom(...kinds),
      unitPrice: fc.constantFrom('0.005', '1.333333', '0.80'),
      each: fc.constantFrom('line' as const, 'invoice' as const),
      from: fc.constantFrom(null, '2026-11-12'),
      minimum: fc.constantFrom(null, '20'),
    })
    .map(({ id, kind, unitPrice, each, from, minimum }) =>
      aPlan({
        id,
        from,
        rounding: { rule: 'half-even', each },
        minimum: minimum === null ? null : { amount: minimum, proration: 'days' },
        lines: [
          {
            kind,
            id: 'users',
            label: 'Users',
            proration: 'days',
            counted: { unit: 'account', role: 'nonAdmin', included: 2 },
            tiers: [
              { upTo: 5, unitPrice },
              { upTo: null, unitPrice: '0.333333' },
            ],
          },
          {
            kind: 'perUnit',
            id: 'admins',
            label: 'Admins',
            unitPrice,
            counted: { unit: 'account', role: 'admin' },
          },
        ],
      }),
    );
  const invoice = fc
    .tuple(plan, fc.nat(20), fc.nat(20))
    .map(([chosen, users, admins]) => priceMonth(chosen, month(users, admins)));
  fc.assert(
    fc.property(invoice, invoice, (before, after) => {
      const { lines, difference, quantity, price } = compareInvoices(before, after);
      if (!before.total.known || !after.total.known || !difference.known || !quantity.known || !price.known)
        throw new Error('an amount is not known');
      const expected = cents(after.total.value) - cents(before.total.value);
      expect(cents(difference.value)).toBe(expected);
      expect(cents(quantity.value) + cents(price.value)).toBe(expected);
      for (const line of lines) {
        const parts = [line.quantity, line.price, line.difference].map((amount) =>
          amount.known ? cents(amount.value) : 0n,
        );
        expect((parts[0] ?? 0n) + (parts[1] ?? 0n)).toBe(parts[2]);
        expect(/[+−]EUR/u.test(line.why)).toBe(parts[0] !== 0n || parts[1] !== 0n);
      }
    }),
    { numRuns: 500 },
  );
});
