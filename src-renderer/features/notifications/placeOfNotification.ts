import { notificationKinds } from '../../../src-shared/model/notifications/kinds.ts';
import type { Notification } from '../../../src-shared/model/notifications/notification.ts';
import { places } from '../../state/places.ts';

/** The page that a notification leads to: its tunnel or tenant, or the log, the bill or the licences if it names no tenant. */
export function placeOfNotification({ kind, applianceName, clientId, port }: Notification): string {
  const { about } = notificationKinds[kind];
  if (about === 'appliance') return places.appliance(applianceName);
  if (about === 'log') return places.applianceSyslog(applianceName);
  if (about === 'usage') return places.applianceUsage(applianceName);
  return clientId === '' ? places.licences() : places.tenant(applianceName, clientId, port);
}
