import { createConsole, type Console } from '../../services.ts';
import { serveMessagePort } from '../../rpc/transports.ts';
import type { HostedConsole } from './desktopHost.ts';

/** The console as the desktop host needs it. Roles can't be given out yet: who sits at this computer is admin. */
export function hostConsole(options: Parameters<typeof createConsole>[0]): HostedConsole {
  const console: Console = createConsole(options);
  return {
    serve: (port) => serveMessagePort(port, { console, role: 'admin' }),
    refresh: async () => {
      await console.fleet.refresh(console.inventory.list().map((entry) => entry.id));
    },
    close: () => console.close(),
  };
}
