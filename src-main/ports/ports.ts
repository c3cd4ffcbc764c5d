import type { Capacity, Diagnosis, PortRow, TunnelHistory } from '../../src-shared/contract/ports.ts';
import type { TenantView } from '../../src-shared/contract/tenants.ts';
import type { Tunnel } from '../../src-shared/model/chain.ts';
import type { ProbeResult } from '../../src-shared/model/probe.ts';
import { AppError } from '../../src-shared/errors.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Links } from '../fleet/links.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Log } from '../log.ts';
import type { Prober } from '../probe/prober.ts';
import type { Store } from '../store/store.ts';

export type Place = { applianceId: string; clientId: string; port: number | null };

/** Tunnels as lists and details show them, with what is remembered of them. */
export type Ports = {
  /** `tenants.list` of the contract: cluster members merged where all appliances are asked for. */
  tenants: (applianceId: string | null) => TenantView[];
  list: (applianceId: string | null) => PortRow[];
  capacity: (applianceId: string | null) => Capacity[];
  detail: (place: Place) => {
    view: TenantView;
    tunnel: Tunnel;
    probe: ProbeResult | null;
    history: TunnelHistory;
  };
  diagnose: (place: Place) => Promise<Diagnosis>;
  /** Calls back when history or results are new. */
  onChange: (listener: () => void) => () => void;
  close: () => void;
};

export function createPorts(options: {
  inventory: Inventory;
  links: Links;
  fleet: Fleet;
  prober: Prober;
  quotaBefore: (applianceId: string, clientId: string) => number | null;
  store: Store;
  clock: () => number;
  log: Log;
}): Ports {
  const missing = (): never => {
    throw new AppError('INTERNAL', 'not there yet');
  };
  return {
    tenants: options.fleet.tenants,
    list: missing,
    capacity: missing,
    detail: missing,
    diagnose: missing,
    onChange: () => () => {},
    close: () => {},
  };
}
