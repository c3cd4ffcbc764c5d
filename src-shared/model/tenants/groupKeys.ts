import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';
import { clientIdSchema } from './clientId.ts';

/** The longest time for which a replaced key stays valid: 30 days **[ours]**. */
export const maxGroupKeyOverlapHours = 720;

/** A key of one group of a tenant's repositories, without the key itself **[ours]**. */
export const groupKeySchema = z.object({
  clientId: clientIdSchema,
  group: z.string().max(512),
  createdAt: instantSchema,
  rotatedAt: instantSchema.nullable(),
  /** What is shown instead of the key. */
  mask: z.string().max(64),
  /** Until when the key before the last rotation is accepted too. Null if it is not. */
  previousUntil: instantSchema.nullable(),
});
export type GroupKey = z.infer<typeof groupKeySchema>;

/** Output of `ke_manage_remote_networks group-key list --json` **[ours]**. */
export const groupKeysOutputSchema = z.object({
  contract: z.literal(1),
  groupKeys: z.array(groupKeySchema).max(10_000),
});

/** Output of `… group-key show --json`. The only output with a key. */
export const shownGroupKeySchema = z.object({
  contract: z.literal(1),
  clientId: clientIdSchema,
  group: z.string().max(512),
  key: z.string().max(256),
});

/** Output of `… group-key rotate --json`. */
export const rotatedGroupKeySchema = z.object({ contract: z.literal(1), groupKey: groupKeySchema });
