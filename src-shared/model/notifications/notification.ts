import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';

export const notificationKinds = ['tunnel-down', 'tunnel-flapping', 'quota-nearly-used', 'key-old'] as const;

const clockTimeSchema = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/u, 'a time of day is written 22:00');

/** When the console speaks up by itself; each number turns its rule off when null **[ours]**. */
export const notificationRulesSchema = z.strictObject({
  downMinutes: z.int().min(1).max(10_080).nullable(),
  /** Flapping: so many drops within an hour. */
  flapsPerHour: z.int().min(2).max(1000).nullable(),
  /** Share of a tenant's ports that are taken, percent. */
  quotaPercent: z.int().min(1).max(100).nullable(),
  keyDays: z.int().min(1).max(3650).nullable(),
  /** In the console's own time zone. What begins meanwhile is kept in the list, and shown without a pop-up. */
  quietHours: z.strictObject({ from: clockTimeSchema, to: clockTimeSchema }).nullable(),
});
export type NotificationRules = z.infer<typeof notificationRulesSchema>;

export const defaultNotificationRules: NotificationRules = {
  downMinutes: 5,
  flapsPerHour: 4,
  quotaPercent: 90,
  keyDays: 365,
  quietHours: null,
};

/** One thing worth a look. The same thing is raised once: again only after it was over. */
export const notificationSchema = z.object({
  id: z.uuid(),
  kind: z.enum(notificationKinds),
  applianceId: z.uuid(),
  applianceName: z.string(),
  clientId: z.string(),
  port: z.int().nullable(),
  text: z.string(),
  raisedAt: instantSchema,
  clearedAt: instantSchema.nullable(),
  seenAt: instantSchema.nullable(),
  /** Began in quiet hours: no pop-up. */
  quiet: z.boolean(),
});
export type Notification = z.infer<typeof notificationSchema>;
