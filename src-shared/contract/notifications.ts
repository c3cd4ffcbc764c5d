import { z } from 'zod';
import { notificationRulesSchema } from '../model/notifications/kinds.ts';
import { notificationSchema } from '../model/notifications/notification.ts';
import { newTargetSchema, targetStateSchema, targetTestSchema } from '../model/notifications/targets.ts';
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

  /** Where notifications are sent to. `isRunning`: whether `sallyport watch` sends them now. */
  targets: procedure('viewer')
    .input(nothing)
    .output(z.object({ targets: z.array(targetStateSchema), isRunning: z.boolean() })),
  /** Rejects with INVALID_INPUT, or with ALREADY_EXISTS for a name that is taken. */
  addTarget: procedure('admin')
    .input(z.strictObject({ target: newTargetSchema }))
    .output(nothing),
  /** Rejects with NOT_FOUND. */
  removeTarget: procedure('admin')
    .input(z.strictObject({ name: z.string().max(63) }))
    .output(nothing),
  /** Sends a test notification to all targets, or to the named ones. Rejects with NOT_FOUND. */
  testTargets: procedure('admin')
    .input(z.strictObject({ names: z.array(z.string().max(63)).max(20) }))
    .output(z.object({ results: z.array(targetTestSchema) })),
};
