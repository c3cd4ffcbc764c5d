import { z } from 'zod';
import { dayMs } from '../../../src-shared/base/time.ts';
import { billingPlansSchema } from '../../../src-shared/model/billing/billingPlan.ts';
import {
  entitlementsSchema,
  licenceInstantSchema,
  licencePayloadSchema,
} from '../../../src-shared/model/licence/licence.ts';

/** When licences expire: so many days after they are issued, or all at the same instant. */
const termSchema = z.union([
  z.strictObject({ days: z.int().min(1).max(3660) }),
  z.strictObject({ until: licenceInstantSchema }),
]);
type Term = z.infer<typeof termSchema>;

/** What the vendor agreed with the customer for one appliance **[ours]**. */
export const contractSchema = z.strictObject({
  entitlements: entitlementsSchema,
  term: termSchema,
  graceDays: licencePayloadSchema.shape.graceDays,
  minVersion: licencePayloadSchema.shape.minVersion,
  plans: billingPlansSchema.optional(),
});
export type Contract = z.infer<typeof contractSchema>;

export const defaultContract: Contract = {
  entitlements: { accounts: 0, connectors: [], plan: 'standard', internalDevelopment: false },
  term: { days: 365 },
  graceDays: 14,
  minVersion: '1.0.0',
};

/** When a licence that is issued at `now` (epoch ms) expires. */
export function expiryOf(term: Term, now: number): string {
  return 'days' in term ? new Date(now + term.days * dayMs).toISOString() : term.until;
}
