import type { Side } from '../../../src-shared/model/tunnels/tunnelCodes/tunnelCode.ts';
import type { EmbeddedAppliance } from '../embeddedAppliance.ts';
import type { LabAppliance, LabRepository } from '../fleetPlan.ts';
import type { TenantSite } from '../tenantSite.ts';

/** Ends a fault. Resolves when its cause is gone; the tunnels follow within seconds. */
export type EndFault = () => Promise<void> | void;

type Described = {
  name: string;
  /** One line for the list. */
  summary: string;
  /** The code that the console shows: of the tunnel, or among the appliance's problems. */
  code: string;
  side: Side;
};

/** A fault of one tenant's tunnel. Its tunnels are up when it starts. */
export type TunnelFault = Described & {
  on: 'tunnel';
  /** By default one WebDAV repository. */
  repositories?: readonly Pick<LabRepository, 'service' | 'scheme' | 'repository'>[] | undefined;
  /** Causes the fault with the site's real parts. Resolves with the function that ends it. */
  start: (site: TenantSite, appliance: EmbeddedAppliance) => Promise<EndFault>;
};

/** A fault of a whole appliance, which has one tenant. */
export type ApplianceFault = Described & {
  on: 'appliance';
  plan?: Partial<Pick<LabAppliance, 'hasOwnDisk'>>;
  start: (appliance: EmbeddedAppliance) => Promise<EndFault>;
};

export type LabFault = TunnelFault | ApplianceFault;
