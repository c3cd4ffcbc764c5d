import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';
import { notificationKindNames } from './kinds.ts';

/** A notification. A second one with the same subject is raised only after the first has cleared. */
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
  /** True if it was raised in quiet hours. It is then shown without a pop-up. */
  quiet: z.boolean(),
});
export type Notification = z.infer<typeof notificationSchema>;
