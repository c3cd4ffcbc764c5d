import { notificationKinds } from '../../../src-shared/model/notifications/kinds.ts';
import { useEffect, useRef } from 'react';
import {
  describeNotification,
  type Notification,
} from '../../../src-shared/model/notifications/notification.ts';
import { placeOfNotification } from './placeOfNotification.ts';
import { notify } from '../../ui/feedback/notify.ts';
import { secondMs } from '../../../src-shared/base/time.ts';

const linkTexts = {
  appliance: 'View appliance',
  tenant: 'View tunnel',
  licence: 'View licence',
  log: 'View log',
  usage: 'View bill',
} as const;

/** If more notifications arrive at once, one pop-up covers all, so that a lost appliance does not cover the page. */
const maxAtOnce = 2;

/**
 * Returns notifications that appeared after the page was opened, outside quiet hours. Adds all to `known`.
 */
export function collectNew(list: readonly Notification[], known: Set<string>): Notification[] {
  const fresh = list.filter((one) => !known.has(one.id));
  for (const { id } of fresh) known.add(id);
  return fresh.filter((one) => !one.quiet && one.seenAt === null && one.clearedAt === null);
}

/** E.g. `northwind 2204 on kiln-01`, or `kiln-01` if the notification is about the appliance. */
function describePlace({ clientId, port, applianceName }: Notification): string {
  if (clientId === '') return applianceName;
  return `${clientId}${port === null ? '' : ` ${port}`} on ${applianceName}`;
}

const maxNames = 3;

/** The subjects of the notifications, each once. */
function joinSubjects(list: readonly Notification[]): string {
  const names = [...new Set(list.map((one) => describePlace({ ...one, port: null })))];
  const named = names.slice(0, maxNames).join(', ');
  return names.length > maxNames ? `${named} and ${names.length - maxNames} more` : named;
}

/** Shows each new notification once as a pop-up. Older notifications are only counted at the bell. */
export function usePopUps(list: readonly Notification[] | undefined): void {
  const known = useRef<Set<string> | null>(null);
  useEffect(() => {
    if (list === undefined) return;
    if (known.current === null) {
      known.current = new Set(list.map(({ id }) => id));
      return;
    }
    const fresh = collectNew(list, known.current);
    for (const one of fresh.slice(0, maxAtOnce)) {
      const { label, tone } = describeNotification(one);
      notify({
        title: `${label} · ${describePlace(one)}`,
        text: one.text,
        tone,
        link: { to: placeOfNotification(one), text: linkTexts[notificationKinds[one.kind].about] },
      });
    }
    const others = fresh.slice(maxAtOnce);
    if (others.length > 0) {
      notify({
        title: `${others.length} more notification${others.length === 1 ? '' : 's'}`,
        text: `${joinSubjects(others)}. Open Notifications to see them.`,
        tone: 'warn',
        forMs: 10 * secondMs,
      });
    }
  }, [list]);
}
