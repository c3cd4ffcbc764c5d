import { createServices, type Services } from '../../services.ts';
import { serveMessagePort } from '../../rpc/transports.ts';
import type { HostedServices } from './desktopHost.ts';

/** The console as the desktop host needs it. Roles can't be given out yet: who sits at this computer is admin. */
export function hostServices(options: Parameters<typeof createServices>[0]): HostedServices {
  const services: Services = createServices(options);
  return {
    serve: (port) => serveMessagePort(port, { services, role: 'admin' }),
    refresh: async () => {
      await services.fleet.refresh(services.inventory.list().map((entry) => entry.id));
    },
    close: () => services.close(),
  };
}
