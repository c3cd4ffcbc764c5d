import { z } from 'zod';

/** The steps of an offline renewal, in order **[ours]**. */
export const tripSteps = {
  request: { label: 'Request', place: 'appliance' },
  carry: { label: 'Carry out', place: 'outside' },
  answer: { label: 'Answer', place: 'console' },
  verify: { label: 'Verify, compare', place: 'console' },
  dryRun: { label: 'Dry run', place: 'appliance' },
  apply: { label: 'Apply', place: 'appliance' },
  receipt: { label: 'Receipt', place: 'outside' },
} as const;
export type TripStep = keyof typeof tripSteps;
export const tripStepSchema = z.enum(['request', 'carry', 'answer', 'verify', 'dryRun', 'apply', 'receipt']);
