import { table } from '../output.ts';
import { withConsole, type Globals } from '../withConsole.ts';

/** Prints the notifications of a console that watched the fleet. Connects to no appliance. */
export function listNotifications(globals: Globals): Promise<number> {
  return withConsole(globals, (services) => {
    const listed = services.notifications.list();
    globals.output.print(listed, () =>
      listed.notifications.length === 0
        ? 'No notifications.'
        : table(
            ['RAISED', 'OVER', 'APPLIANCE', 'TENANT', 'PORT', 'KIND', 'TEXT'],
            listed.notifications.map((one) => [
              one.raisedAt,
              one.clearedAt,
              one.applianceName,
              one.clientId,
              one.port,
              one.kind,
              one.text,
            ]),
          ),
    );
    return 0;
  });
}
