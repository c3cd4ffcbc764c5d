import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';
import { notificationKindNames, notificationKinds } from './kinds.ts';
import { toneOf, tunnelCodes, tunnelCodeSchema } from '../tunnels/tunnelCodes.ts';

/** A notification. A second one with the same subject is raised only after the first has cleared. */
export const notificationSchema = z.object({
  id: z.uuid(),
  kind: z.enum(notificationKindNames),
  applianceId: z.uuid(),
  applianceName: z.string(),
  /** Empty if the notification is about the appliance itself. */
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

/**
 * How to name a notification. If its tunnel's code only warns, the words and the tone are those of the code,
 * as in the table of tunnels.
 */
export function describeNotification({ kind, text }: Pick<Notification, 'kind' | 'text'>) {
  const { label, tone, ongoing, resolved } = notificationKinds[kind];
  const facts = { label, tone, ongoing, resolved };
  const code = tunnelCodeSchema.safeParse(/\((T-\d{4})\)/u.exec(text)?.[1]).data;
  if (code === undefined || toneOf(code) !== 'warn') return facts;
  const { word } = tunnelCodes[code];
  return {
    ...facts,
    label: `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`,
    tone: 'warn' as const,
    ongoing: `still ${word}`,
  };
}

/** What a notification is about, beside the name of its appliance: the tenant and its port, or nothing. */
export function subjectText({ clientId, port }: Pick<Notification, 'clientId' | 'port'>): string {
  return [clientId, ...(port === null ? [] : [`${port}`])].filter((part) => part !== '').join(' · ');
}
