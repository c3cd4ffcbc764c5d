import type {
  Capacity,
  Diagnosis,
  PortRow,
  TunnelAvailability,
  TunnelHistory,
} from '../../src-shared/contract/ports.ts';
import type { TenantView } from '../../src-shared/contract/tenants.ts';
import type { Tunnel } from '../../src-shared/model/tunnels/chain.ts';
import { matchProbe } from '../../src-shared/model/tunnels/portRow.ts';
import type { ProbeResult } from '../../src-shared/model/tunnels/probe.ts';
import { AppError } from '../../src-shared/errors.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Links } from '../links/links.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Log } from '../base/log.ts';
import type { Prober } from './probe/prober.ts';
import type { Store } from '../store/store.ts';
import { createApplianceLog } from './applianceLog.ts';
import { computeCapacity } from './capacity.ts';
import { diagnose } from './diagnose.ts';
import { createClusterHistory } from './clusterHistory.ts';
import { createDrops } from './drops.ts';
import { createHistory } from './history.ts';
import { createTenantRows } from './tenantRows.ts';
import { createRecorder } from './recorder.ts';
import { createRows } from './rows.ts';
import { placeKey } from './tunnelRef.ts';
import { createEmitter } from '../../src-shared/base/emitter.ts';
import type { ChangeMarks } from '../base/changeFeed.ts';
import { dayMs, minuteMs } from '../../src-shared/base/time.ts';

/** Days in local time start at multiples of this in all time zones. */
const quarterMs = 15 * minuteMs;

export type TunnelPlace = { applianceId: string; clientId: string; port: number | null };

export type TunnelMemory = {
  /** Since when the tunnel has been down. Null if it is not down or was not watched. */
  downSince: (place: { clientId: string; port: number }) => number | null;
  dropsSince: (sinceMs: number) => (place: { clientId: string; port: number }) => number;
};

/** Provides tunnels with their history, for lists, pages and commands. */
export type Ports = {
  /**
   * Implements `tenants.list` of the contract. Without an appliance, a tenant of a cluster is listed once.
   */
  tenants: (applianceId: string | null) => TenantView[];
  list: (applianceId: string | null) => PortRow[];
  capacity: (applianceId: string | null) => Capacity[];
  detail: (place: TunnelPlace) => {
    view: TenantView;
    tunnel: Tunnel;
    probe: ProbeResult | null;
    history: TunnelHistory;
  };
  /**
   * The history of one tunnel in the last `days`. With 30 days, equal states are joined in each quarter of an
   * hour. Throws NOT_FOUND for an unknown appliance.
   */
  history: (request: TunnelPlace & { days: 1 | 30 }) => TunnelHistory;
  /** The availability of tunnels in a period. Throws NOT_FOUND, or INVALID_INPUT for an empty period. */
  availability: (request: {
    applianceId: string | null;
    clientId: string | null;
    from: string;
    to: string;
  }) => TunnelAvailability[];
  diagnose: (place: TunnelPlace) => Promise<Diagnosis>;
  /**
   * Records the answers of appliances as history until the returned function is called. For callers that
   * watch for a while, not for single requests.
   */
  hold: () => () => void;
  isHeld: () => boolean;
  /** What the history says about the tunnels of one appliance. `port` 0 means the tenant itself. */
  remembered: (applianceId: string) => TunnelMemory;
  /** Registers a listener that is called after new history or probe results. */
  onChange: (listener: () => void) => () => void;
  close: () => void;
};

export function createPorts(options: {
  inventory: Inventory;
  links: Pick<Links, 'of'>;
  fleet: Pick<Fleet, 'tenantViews' | 'known' | 'networks' | 'remoteNetworks' | 'view' | 'onObserved'>;
  prober: Pick<Prober, 'results' | 'onResults'>;
  quotaBefore: (applianceId: string, clientId: string) => number | null;
  changes: ChangeMarks;
  store: Store;
  clock: () => number;
  log: Log;
}): Ports {
  const { inventory, fleet, prober, clock, store } = options;
  const tenantRows = createTenantRows(options);
  const history = createHistory({ store, clock });
  const clusterHistory = createClusterHistory({ inventory, tenantRows, history });
  const log = createApplianceLog({ links: options.links, clock });
  const changes = createEmitter();
  changes.on(() => options.changes.mark({ ports: true }));
  const drops = createDrops({ history, clock, onForeignChange: store.onForeignChange });
  const rows = createRows();
  const recorder = createRecorder({
    inventory,
    fleet,
    prober,
    tenantRows,
    history,
    clock,
    log: options.log,
    onRecorded: (applianceIds) => {
      for (const id of applianceIds) drops.invalidate(id);
      changes.emit();
    },
    onProbed: changes.emit,
  });

  const tenants = (applianceId: string | null) =>
    applianceId === null ? tenantRows.all() : tenantRows.ofAppliance(applianceId);

  /**
   * Finds a tunnel. A tenant without a session has a single row without a port, which is used for all its
   * ports.
   */
  function find(place: TunnelPlace): { view: TenantView; tunnel: Tunnel } {
    const view = tenantRows
      .ofAppliance(place.applianceId)
      .find(({ tenant }) => tenant.clientId === place.clientId);
    if (view === undefined)
      throw new AppError('NOT_FOUND', `This appliance has no tenant ${place.clientId}.`);
    // Rows without a port are repositories that got no port. They do not describe a port, unless the tenant
    // has only such rows.
    const isWholeTenant = place.port === null || view.tunnels.every((one) => one.port === null);
    const tunnel =
      view.tunnels.find((one) => one.port === place.port) ??
      // A request without a port means the whole tenant. Use the first tunnel; the page shows all of them.
      (isWholeTenant ? view.tunnels[0] : undefined);
    if (tunnel === undefined)
      throw new AppError('NOT_FOUND', `${place.clientId} has no tunnel on port ${place.port ?? 'none'}.`);
    return { view, tunnel };
  }

  return {
    tenants,
    list: (applianceId) =>
      tenants(applianceId).flatMap((view) =>
        rows.of(view, prober.results(view.applianceId), drops.of(view.applianceId)),
      ),
    capacity: (applianceId) => {
      const entries = applianceId === null ? inventory.list() : [inventory.get(applianceId)];
      return entries.flatMap((entry) => computeCapacity({ fleet, entry, now: clock() }) ?? []);
    },
    detail: (place) => {
      const { view, tunnel } = find(place);
      const probe = tunnel.port === null ? undefined : prober.results(place.applianceId).get(tunnel.port);
      const toMs = clock();
      return {
        view,
        tunnel,
        probe: matchProbe(tunnel, probe),
        history: clusterHistory.of(place, { fromMs: toMs - dayMs, toMs }),
      };
    },
    history: ({ days, ...place }) => {
      const toMs = clock();
      const cells = days === 1 ? {} : { cellMs: quarterMs };
      return clusterHistory.of(place, { fromMs: toMs - days * dayMs, toMs, ...cells });
    },
    availability: ({ applianceId, clientId, from, to }) => {
      const within = { fromMs: Date.parse(from), toMs: Math.min(Date.parse(to), clock()) };
      if (within.fromMs >= within.toMs)
        throw new AppError('INVALID_INPUT', 'The period must start before it ends, and in the past.');
      return clusterHistory.availability({ applianceId, clientId }, within);
    },
    diagnose: async (place) => diagnose({ fleet, log, ...find(place) }),
    hold: recorder.hold,
    isHeld: recorder.isHeld,
    remembered: (applianceId) => {
      const known = recorder.known(applianceId);
      return {
        downSince: (place) => known.get(placeKey(place))?.downSinceMs ?? null,
        dropsSince: (sinceMs) => {
          const counts = history.dropsSince(applianceId, sinceMs);
          return (place) => counts.get(placeKey(place)) ?? 0;
        },
      };
    },
    onChange: changes.on,
    close: () => {
      recorder.close();
      drops.close();
    },
  };
}
