import { freePorts } from './freePorts.ts';
import { startStockBox, type StockBox, type StockBoxOptions } from './stockBox.ts';
import { startTenantClient, type TenantClient } from './tenantClient.ts';
import { startNginx, type TenantService } from './tenantServices.ts';
import { createTenantSite, watchAppliance, type TenantSite, type WatchedAppliance } from './tenantSite.ts';

/** An appliance, a console that watches it, and a WebDAV service (nginx) to which tenants may forward. */
export type ProbeTestSetup = {
  appliance: StockBox;
  watched: WatchedAppliance;
  servicePort: number;
  /** The URI of the service for connect.yaml. */
  uri: string;
  stopService: () => Promise<void>;
  startService: () => Promise<void>;
  /** Adds a tenant with Connect. `stop` ends it. */
  site: (settings: Parameters<typeof createTenantSite>[1]) => Promise<TenantSite>;
  /**
   * Starts a stock ssh client for the tenant. It forwards the first port to `upstreamPort` on loopback.
   * `stop` ends it.
   */
  plainClient: (site: TenantSite, upstreamPort: number) => TenantClient;
  stop: () => Promise<void>;
};

export async function startProbeTestSetup(options: StockBoxOptions = {}): Promise<ProbeTestSetup> {
  const appliance = await startStockBox(options);
  const [servicePort = 0] = await freePorts(1);
  const startService = () =>
    startNginx({
      folder: appliance.folder,
      ports: [servicePort],
      servers: `server { listen 127.0.0.1:${servicePort}; location / { add_header DAV 1; return 200; } }`,
    });
  let service: TenantService = await startService();
  const watched = await watchAppliance(appliance);
  const sites: TenantSite[] = [];
  const clients: TenantClient[] = [];
  return {
    appliance,
    watched,
    servicePort,
    uri: `webdav+http://files.localhost:${servicePort}/`,
    stopService: () => service.stop(),
    startService: async () => {
      service = await startService();
    },
    site: async (settings) => {
      const site = await createTenantSite(appliance, settings);
      sites.push(site);
      return site;
    },
    plainClient: (site, upstreamPort) => {
      const client = startTenantClient(appliance, {
        keyFile: site.keyFile,
        options: ['-N', '-R', `127.0.0.1:${site.ports.first}:127.0.0.1:${upstreamPort}`],
      });
      clients.push(client);
      return client;
    },
    stop: async () => {
      await Promise.all([...sites, ...clients].map((client) => client.stop()));
      await watched.close();
      await service.stop();
      await appliance.stop();
    },
  };
}
