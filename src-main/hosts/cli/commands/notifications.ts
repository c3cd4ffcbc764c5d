import { formatInstant } from '../../../../src-shared/base/time.ts';
import { formatTable } from '../output.ts';
import { withConsole, type Globals } from '../withConsole.ts';

/**
 * Prints the notifications that consoles have stored while they watched the fleet. Connects to no appliance.
 */
export function listNotifications(globals: Globals): Promise<number> {
  return withConsole(globals, (services) => {
    const listed = services.notifications.list();
    globals.output.print(listed, () =>
      listed.notifications.length === 0
        ? 'No notifications.'
        : formatTable(
            ['RAISED', 'OVER', 'APPLIANCE', 'TENANT', 'PORT', 'KIND', 'TEXT'],
            listed.notifications.map((notification) => [
              formatInstant(notification.raisedAt),
              notification.clearedAt === null ? null : formatInstant(notification.clearedAt),
              notification.applianceName,
              notification.clientId,
              notification.port,
              notification.kind,
              notification.text,
            ]),
          ),
    );
    return 0;
  });
}
