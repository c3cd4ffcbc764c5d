import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { ApplianceEntry } from '../src-shared/model/appliance/applianceEntry.ts';
import type { LinkState } from '../src-shared/model/appliance/link.ts';
import type { ProbeResult } from '../src-shared/model/tunnels/probe.ts';
import type { RemoteNetworks, Tenant } from '../src-shared/model/tenants/remoteNetworks.ts';
import { createServedBy } from '../src-main/fleet/servedBy.ts';
import { createTenantViews } from '../src-main/fleet/tenantViews.ts';
import { applianceView } from '../src-main/fleet/view.ts';
import { createInventory, type Inventory } from '../src-main/inventory/inventory.ts';
import { createChangeRows } from '../src-main/tunnels/changeRows.ts';
import { createPorts, type Ports } from '../src-main/tunnels/ports.ts';
import { openStore, type Store } from '../src-main/store/store.ts';
import { anInput } from './anEntry.ts';
import { createEmitter } from '../src-shared/base/emitter.ts';
import { noChangeFeed } from './noChangeFeed.ts';

/** Tunnels with their own store. The test provides the appliances' answers. */
export type PortsFixture = {
  store: Store;
  inventory: Inventory;
  ports: Ports;
  /** The clock of the console in epoch ms. The test changes it. */
  clock: { now: number };
  add: (name: string, cluster?: string) => ApplianceEntry;
  /** Lets the appliance list these tenants now. */
  answer: (entry: ApplianceEntry, tenants: readonly Tenant[]) => void;
  /** Lets the appliance say that its list still holds. */
  confirm: (entry: ApplianceEntry) => void;
  probe: (entry: ApplianceEntry, results: readonly ProbeResult[]) => void;
  /** Ends the link of the appliance until its next answer. */
  loseLink: (entry: ApplianceEntry) => void;
  /** Opens another console on the same data folder. */
  openAnother: () => PortsFixture;
  close: () => void;
};

export function startPorts(folder = mkdtempSync(join(tmpdir(), 'sallyport-ports-'))): PortsFixture {
  const clock = { now: Date.parse('2026-11-20T09:00:00.000Z') };
  const store = openStore({ folder });
  const inventory = createInventory({ store, clock: () => clock.now, operator: 'tester' });
  const links = new Map<string, LinkState>();
  const answers = new Map<string, { value: RemoteNetworks; observedAt: string }>();
  const probes = new Map<string, Map<number, ProbeResult>>();
  const observed = createEmitter<[id: string]>();
  const probed = createEmitter<[id: string, results: readonly ProbeResult[]]>();
  const since = new Date(clock.now).toISOString();
  const idle: LinkState = { state: 'idle', since };
  const stateOf = (id: string) => links.get(id) ?? idle;
  const noProbes = new Map<number, ProbeResult>();
  const resultsOf = (id: string) => probes.get(id) ?? noProbes;
  const tenantViews = createTenantViews({
    probes: resultsOf,
    wasConnected: createChangeRows({ store }).hadSession,
    clock: () => clock.now,
  });
  const evidenceOf = (id: string) => {
    const remoteNetworks = answers.get(id);
    return { link: stateOf(id), snapshot: remoteNetworks === undefined ? {} : { remoteNetworks } };
  };
  const servedBy = createServedBy({ inventory, evidenceOf, clock: () => clock.now });
  const viewsOf = (entry: ApplianceEntry) =>
    tenantViews.of({ entry, ...evidenceOf(entry.id), servedBy: servedBy(entry) });
  const ports = createPorts({
    inventory,
    store,
    clock: () => clock.now,
    log: pino({ level: 'silent' }),
    quotaBefore: () => 40,
    changes: noChangeFeed,
    links: {
      of: () => {
        throw new Error('no session here');
      },
    },
    fleet: {
      tenantViews: viewsOf,
      known: () => ({}),
      networks: (id) => answers.get(id)?.value.tenants ?? [],
      remoteNetworks: (id) => answers.get(id) ?? null,
      view: (id) => {
        const entry = inventory.get(id);
        const { views } = viewsOf(entry);
        return applianceView({ entry, ...evidenceOf(id), views, linesPerSecond: null, now: clock.now });
      },
      onObserved: observed.on,
    },
    prober: {
      results: resultsOf,
      onResults: probed.on,
    },
  });

  return {
    store,
    inventory,
    ports,
    clock,
    add: (name, cluster = '') => inventory.add(anInput(name, { cluster }), []),
    answer: (entry, tenants) => {
      if (stateOf(entry.id).state !== 'connected')
        links.set(entry.id, {
          state: 'connected',
          since,
          latencyMs: 12,
          lastHeardAt: since,
          serverSoftware: 's',
          algorithms: { kex: 'k', hostKey: 'h', cipher: 'c', mac: 'm', weak: [] },
        });
      const value: RemoteNetworks = {
        contract: 1,
        portRange: { first: 2200, last: 5199 },
        tenants: [...tenants],
        refusedLogIns: [],
      };
      answers.set(entry.id, { value, observedAt: new Date(clock.now).toISOString() });
      observed.emit(entry.id);
    },
    confirm: (entry) => {
      const known = answers.get(entry.id);
      if (known === undefined) throw new Error('the appliance has not answered');
      answers.set(entry.id, { ...known, observedAt: new Date(clock.now).toISOString() });
      observed.emit(entry.id);
    },
    probe: (entry, results) => {
      const known = new Map(probes.get(entry.id));
      for (const result of results) known.set(result.port, result);
      probes.set(entry.id, known);
      probed.emit(entry.id, results);
    },
    loseLink: (entry) => {
      links.set(entry.id, {
        state: 'retrying',
        since,
        attempt: 1,
        nextAttemptAt: since,
        error: { code: 'CONNECT_FAILED', message: 'no route', retryable: true, detail: {} },
      });
    },
    openAnother: () => startPorts(folder),
    close: () => {
      ports.close();
      store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
