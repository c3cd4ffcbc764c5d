import type { Capacity, Diagnosis, PortRow, TunnelHistory } from '../../src-shared/contract/ports.ts';
import type { TenantView } from '../../src-shared/contract/tenants.ts';
import type { Tunnel } from '../../src-shared/model/chain.ts';
import { probeFor } from '../../src-shared/model/portRow.ts';
import type { ProbeResult } from '../../src-shared/model/probe.ts';
import { AppError } from '../../src-shared/errors.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Links } from '../fleet/links.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Log } from '../log.ts';
import type { Prober } from '../probe/prober.ts';
import type { Store } from '../store/store.ts';
import { createJudged } from './judged.ts';
import { lastSessionDrop, portRow } from './rows.ts';

const dayMs = 86_400_000;

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
  const { prober } = options;
  const judged = createJudged(options);
  const tenants = (applianceId: string | null) =>
    applianceId === null ? judged.all() : judged.one(applianceId);

  /** A tenant whose session is gone has one row without a port: it stands for the ports that it had. */
  function find(place: Place): { view: TenantView; tunnel: Tunnel } {
    const view = judged.one(place.applianceId).find((one) => one.tenant.clientId === place.clientId);
    if (view === undefined) throw new AppError('NOT_FOUND', `There is no tenant ${place.clientId} there.`);
    const tunnel =
      view.tunnels.find((one) => one.port === place.port) ??
      view.tunnels.find((one) => one.port === null) ??
      // Without a port the tenant as a whole is asked for.
      (place.port === null ? view.tunnels[0] : undefined);
    if (tunnel === undefined)
      throw new AppError('NOT_FOUND', `${place.clientId} has no tunnel on port ${place.port ?? 'none'}.`);
    return { view, tunnel };
  }

  return {
    tenants,
    list: (applianceId) => {
      const views = tenants(applianceId);
      return views.flatMap((view) => {
        const probes = prober.results(view.applianceId);
        return view.tunnels.map((tunnel) =>
          portRow(view, tunnel, {
            probe: tunnel.port === null ? undefined : probes.get(tunnel.port),
            lastDrop: lastSessionDrop(view, tunnel),
          }),
        );
      });
    },
    capacity: () => {
      throw new AppError('INTERNAL', 'not there yet');
    },
    detail: (place) => {
      const { view, tunnel } = find(place);
      const probe = tunnel.port === null ? undefined : prober.results(place.applianceId).get(tunnel.port);
      const now = options.clock();
      const [from, to] = [now - dayMs, now].map((at) => new Date(at).toISOString());
      if (from === undefined || to === undefined) throw new AppError('INTERNAL', 'no time');
      return {
        view,
        tunnel,
        probe: probeFor(tunnel, probe),
        history: { from, to, spans: [{ from, to, tone: 'unknown', code: null }], latency: [], drops: [] },
      };
    },
    diagnose: () => {
      throw new AppError('INTERNAL', 'not there yet');
    },
    onChange: () => () => {},
    close: judged.close,
  };
}
