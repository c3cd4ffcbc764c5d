import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';
import { describeNotification, notificationSchema, subjectText, type Notification } from './notification.ts';

export const targetEvents = ['raised', 'cleared', 'test'] as const;

/** What is sent to a target; the body of a webhook's request. Later versions add fields only. */
export const targetMessageSchema = z.object({
  version: z.literal(1),
  /** The same for each attempt to send it. */
  id: z.string(),
  event: z.enum(targetEvents),
  /** All of it in one line. */
  text: z.string(),
  title: z.string(),
  tone: z.enum(['bad', 'warn', 'ok']),
  /** Null in a test. `tenant` and `port` are null if it is about the whole appliance or tenant. */
  notification: notificationSchema
    .pick({ id: true, kind: true, text: true, raisedAt: true, clearedAt: true })
    .extend({
      label: z.string(),
      appliance: z.string(),
      tenant: z.string().nullable(),
      port: z.int().nullable(),
    })
    .nullable(),
  /** When the problem was raised or cleared; for a test, when it was sent. */
  at: instantSchema,
});
export type TargetMessage = z.infer<typeof targetMessageSchema>;

/** The message about a notification: that it was raised, or that it is over. */
export function buildTargetMessage(notification: Notification, event: 'raised' | 'cleared'): TargetMessage {
  const { id, kind, text, raisedAt, clearedAt, applianceName, clientId, port } = notification;
  const { label, tone, resolved } = describeNotification(notification);
  const place = [applianceName, subjectText({ clientId, port })].filter((part) => part !== '').join(' · ');
  const isOver = event === 'cleared';
  const title = `${isOver ? `${label}, ${resolved}` : label}: ${place}`;
  return {
    version: 1,
    id: `${id}.${event}`,
    event,
    title,
    text: text === '' ? title : `${title}: ${text}`,
    tone: isOver ? 'ok' : tone,
    notification: {
      id,
      kind,
      label,
      text,
      raisedAt,
      clearedAt: isOver ? clearedAt : null,
      appliance: applianceName,
      tenant: clientId === '' ? null : clientId,
      port,
    },
    at: isOver ? (clearedAt ?? raisedAt) : raisedAt,
  };
}

/** The message of a test. */
export function buildTestMessage(id: string, at: string): TargetMessage {
  const title = 'Test notification from Sallyport';
  const text = `${title}: nothing is wrong. If you read this, notifications arrive here.`;
  return { version: 1, id: `${id}.test`, event: 'test', title, text, tone: 'ok', notification: null, at };
}
