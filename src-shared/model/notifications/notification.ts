import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';
import { notificationKindNames } from './kinds.ts';

/** Raised once for each subject, and again only after it cleared. */
export const notificationSchema = z.object({
  id: z.uuid(),
  kind: z.enum(notificationKindNames),
  applianceId: z.uuid(),
  applianceName: z.string(),
  clientId: z.string(),
  port: z.int().nullable(),
  text: z.string(),
  raisedAt: instantSchema,
  clearedAt: instantSchema.nullable(),
  seenAt: instantSchema.nullable(),
  /** Raised in quiet hours: no pop-up. */
  quiet: z.boolean(),
});
export type Notification = z.infer<typeof notificationSchema>;
