import type { Notification } from '../../../src-shared/model/notifications/notification.ts';
import { places } from '../../state/places.ts';

/** The page that a notification leads to: its tunnel or tenant, or the licences if it names no tenant. */
export function placeOfNotification({ applianceName, clientId, port }: Notification): string {
  return clientId === '' ? places.licences() : places.tenant(applianceName, clientId, port);
}
