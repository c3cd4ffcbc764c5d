import type { z } from 'zod';
import { billingPlanSchema } from '../../src-shared/model/billing/billingPlan.ts';

/** The price plan of most tests: graduated users, admins, and internal development waived. */
export const aPlan = (change: Partial<z.input<typeof billingPlanSchema>> = {}) =>
  billingPlanSchema.parse({
    id: 'graduated',
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
          { upTo: 1000, unitPrice: '1.20' },
          { upTo: 5000, unitPrice: '0.80' },
          { upTo: null, unitPrice: '0.50' },
        ],
      },
      {
        kind: 'perUnit',
        id: 'admins',
        label: 'Admin accounts',
        counted: { unit: 'account', role: 'admin' },
        unitPrice: '9',
      },
    ],
    ...change,
  });
