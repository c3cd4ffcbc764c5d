import { z } from 'zod';
import { quotaActionSchema } from '../tenants/tenantPlan.ts';
import { readCommandSchema } from './readCommands.ts';

/** Keys that a run sets are written by people, so they are few **[ours]**. */
export const maxKeysText = 16 * 1024;

/** What a run does on each appliance: a command that only reads, or a change that is planned for each before. */
export const runTaskSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('read'), command: readCommandSchema }),
  z.strictObject({ kind: z.literal('tenant'), action: quotaActionSchema }),
  /** Sets these keys in the configuration of each appliance and keeps its other keys. YAML without secrets. */
  z.strictObject({ kind: z.literal('configuration'), keys: z.string().min(1).max(maxKeysText) }),
]);
export type RunTask = z.infer<typeof runTaskSchema>;
