import { createServices, type Services } from '../../services.ts';
import { serveMessagePort } from '../../rpc/transports.ts';
import type { HostedServices } from './desktopHost.ts';

/**
 * Creates the services for the desktop host. The user of this computer is admin, because roles can't be
 * assigned yet.
 */
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
