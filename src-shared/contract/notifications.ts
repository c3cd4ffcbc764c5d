import { z } from 'zod';
import { notificationRulesSchema } from '../model/notifications/kinds.ts';
import { notificationSchema } from '../model/notifications/notification.ts';
import { nothing, procedure } from './procedure.ts';

export const notificationsContract = {
  /** Newest first. A cleared notification is kept for a week. */
  list: procedure('viewer')
    .input(nothing)
    .output(z.object({ notifications: z.array(notificationSchema), unseen: z.int() })),

  /** `all` marks all unseen notifications. Notifications that were already seen keep their time. */
  markSeen: procedure('viewer')
    .input(
      z.union([
        z.strictObject({ ids: z.array(z.uuid()).max(1000) }),
        z.strictObject({ all: z.literal(true) }),
      ]),
    )
    .output(nothing),

  rules: procedure('viewer')
    .input(nothing)
    .output(z.object({ rules: notificationRulesSchema })),
  setRules: procedure('admin')
    .input(z.strictObject({ rules: notificationRulesSchema }))
    .output(nothing),
};
