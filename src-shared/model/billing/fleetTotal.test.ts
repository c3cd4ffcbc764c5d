import { expect, test } from 'vitest';
import { aPlan } from '../../../test-support/billing/aPlan.ts';
import { makeAccounts, summarize } from '../../../test-support/billing/population.ts';
import { addFleet } from './fleetTotal.ts';
import { priceMonth } from './priceMonth.ts';

const invoice = (count: number, currency: string) =>
  priceMonth(aPlan({ currency }), summarize(makeAccounts(count)));
const cutShort = priceMonth(aPlan(), { ...summarize([]), cutShort: 'the database went down' });

test('when appliances have several currencies, each currency has its own sum', () => {
  const fleet = [
    { applianceId: 'kiln-01', invoice: invoice(10, 'EUR') },
    { applianceId: 'kiln-02', invoice: invoice(5, 'EUR') },
    { applianceId: 'quay-01', invoice: invoice(5, 'JPY') },
  ];
  expect(addFleet(fleet)).toEqual({
    totals: [
      { currency: 'EUR', sum: '18.00', appliances: 2, isComplete: true },
      { currency: 'JPY', sum: '6', appliances: 1, isComplete: true },
    ],
    missing: [],
    isComplete: true,
  });
});

test('when an appliance has no amount, the sum is incomplete and names it with its reason', () => {
  const error = { code: 'BILLING_PLAN_MISSING' as const, message: 'The licence has no price plans.' };
  const fleet = [
    { applianceId: 'kiln-01', invoice: invoice(10, 'EUR') },
    { applianceId: 'kiln-02', invoice: cutShort },
    { applianceId: 'quay-01', invoice: null, error },
  ];
  const total = addFleet(fleet);
  expect(total).toMatchObject({
    totals: [{ currency: 'EUR', sum: '12.00', appliances: 1, isComplete: false }],
    isComplete: false,
  });
  expect(total.missing.map(({ applianceId, code }) => [applianceId, code])).toEqual([
    ['kiln-02', 'BILLING_COUNTS_INCOMPLETE'],
    ['quay-01', 'BILLING_PLAN_MISSING'],
  ]);
});

test('when no appliance has an amount, there is no sum, and it is not 0', () => {
  expect(addFleet([{ applianceId: 'kiln-02', invoice: cutShort }]).totals).toEqual([
    { currency: 'EUR', sum: null, appliances: 0, isComplete: false },
  ]);
});
