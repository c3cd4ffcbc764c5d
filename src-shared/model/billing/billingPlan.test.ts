import { expect, test } from 'vitest';
import { aPlan } from '../../../test-support/billing/aPlan.ts';
import { billingPlansSchema, findPlan, parseBillingPlan } from './billingPlan.ts';

const [users] = aPlan().lines;

test.each([
  ['lines.0.unitPrice', { lines: [{ ...aPlan().lines[1], unitPrice: '-1' }] }],
  ['lines.0.unitPrice', { lines: [{ ...aPlan().lines[1], unitPrice: 9 }] }],
  ['lines.0.tiers', { lines: [{ ...users, tiers: [{ upTo: 10, unitPrice: '1' }] }] }],
  [
    'lines.0.tiers',
    {
      lines: [
        {
          ...users,
          tiers: [
            { upTo: 10, unitPrice: '1' },
            { upTo: 10, unitPrice: '2' },
            { upTo: null, unitPrice: '3' },
          ],
        },
      ],
    },
  ],
  ['lines.0.kind', { lines: [{ ...users, kind: 'stepped' }] }],
  ['lines', { lines: [users, users] }],
  ['currency', { currency: 'euro' }],
  ['from', { from: '2026-02-30' }],
])('when the field %s of a plan is not valid, it is rejected with BILLING_PLAN_INVALID', (field, change) => {
  expect(() => parseBillingPlan({ ...aPlan(), ...change })).toThrow(
    expect.objectContaining({ code: 'BILLING_PLAN_INVALID', detail: { field } }),
  );
});

test('when a licence has no plans, every plan is missing', () => {
  expect(() => findPlan(undefined, 'graduated')).toThrow(
    expect.objectContaining({
      code: 'BILLING_PLAN_MISSING',
      message: 'The licence has no price plans, so the plan “graduated” is missing.',
    }),
  );
});

test('when a licence has plans, one is found by its id, and a wrong id is answered with the known ones', () => {
  const plans = billingPlansSchema.parse([aPlan(), aPlan({ id: 'volume' })]);
  expect(findPlan(plans, 'volume').id).toBe('volume');
  expect(() => findPlan(plans, 'flat')).toThrow(
    expect.objectContaining({ detail: { plan: 'flat', known: ['graduated', 'volume'] } }),
  );
});
