import { billingPlanSchema } from '../../src-shared/model/billing/billingPlan.ts';

/** The price plan of the lab's licences: users by tiers, each admin account, and internal development waived. */
export const labPlan = billingPlanSchema.parse({
  id: 'per-user',
  label: 'Per user, graduated',
  currency: 'EUR',
  rounding: { rule: 'half-up', each: 'line' },
  lines: [
    {
      kind: 'graduated',
      id: 'users',
      label: 'Active users',
      counted: { unit: 'account', role: 'nonAdmin' },
      tiers: [
        { upTo: 500, unitPrice: '1.40' },
        { upTo: 2000, unitPrice: '1.10' },
        { upTo: null, unitPrice: '0.75' },
      ],
    },
    {
      kind: 'perUnit',
      id: 'admins',
      label: 'Active admin accounts',
      counted: { unit: 'account', role: 'admin' },
      unitPrice: '9',
    },
  ],
});

/** Another plan of the lab's licences, which a what-if can compare with. */
export const labVolumePlan = billingPlanSchema.parse({
  ...labPlan,
  id: 'volume',
  label: 'Volume',
  lines: [
    {
      kind: 'volume',
      id: 'users',
      label: 'Active users',
      counted: { unit: 'account' },
      tiers: [
        { upTo: 1000, unitPrice: '1.60' },
        { upTo: null, unitPrice: '0.95' },
      ],
    },
  ],
});
