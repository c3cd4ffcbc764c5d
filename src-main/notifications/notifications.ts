import {
  defaultNotificationRules,
  type Notification,
  type NotificationRules,
} from '../../src-shared/model/notification.ts';
import type { Log } from '../log.ts';
import type { Ports } from '../ports/ports.ts';
import type { Store } from '../store/store.ts';

/** Speaks up by itself about what lasts, comes and goes, or runs out. */
export type Notifications = {
  list: () => { notifications: Notification[]; unseen: number };
  markSeen: (ids: readonly string[]) => void;
  rules: () => NotificationRules;
  setRules: (rules: NotificationRules) => void;
  onChange: (listener: () => void) => () => void;
  close: () => void;
};

export function createNotifications(_options: {
  ports: Ports;
  store: Store;
  clock: () => number;
  log: Log;
}): Notifications {
  return {
    list: () => ({ notifications: [], unseen: 0 }),
    markSeen: () => {},
    rules: () => defaultNotificationRules,
    setRules: () => {},
    onChange: () => () => {},
    close: () => {},
  };
}
