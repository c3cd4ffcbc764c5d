import type { ApplianceView, Changes } from '../../src-shared/contract/fleet.ts';
import type { TenantView } from '../../src-shared/contract/tenants.ts';
import type { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { ProbeResult } from '../../src-shared/model/tunnels/probe.ts';
import type { RemoteNetworks, Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Log } from '../base/log.ts';
import type { Store } from '../store/store.ts';
import type { ChangeFeed } from '../base/changeFeed.ts';
import { reachesElsewhere, type Links } from '../links/links.ts';
import { createObservations, type Snapshot } from './observations.ts';
import { createPoll } from './poll.ts';
import { createTenantViews, type TenantViews } from './tenantViews.ts';
import { applianceView, isStale, servedTenants } from './view.ts';
import { createEmitter } from '../../src-shared/base/emitter.ts';
import { every } from '../../src-shared/node/every.ts';
import { secondMs } from '../../src-shared/base/time.ts';

const viewTickMs = secondMs;
const connectTimeoutMs = 20 * secondMs;

export type Fleet = {
  /** Views sorted by name; judged now. */
  overview: () => ApplianceView[];
  /** Throws NOT_FOUND. */
  view: (applianceId: string) => ApplianceView;
  /** As each appliance tells it: members of a cluster are not merged here. */
  tenants: (applianceId: string | null) => TenantView[];
  /** The same of one appliance, with what the verdicts rest on; the same object as long as nothing changed. */
  judged: (entry: ApplianceEntry) => TenantViews;
  /** What the appliance said of itself last, not judged; empty where it never has. */
  known: (applianceId: string) => Readonly<Pick<Snapshot, 'status' | 'licence'>>;
  /** The tenants that an appliance listed last, as it did; empty where it never has. */
  networks: (applianceId: string) => readonly Tenant[];
  /** The whole of that answer, and when it came; null where there was none. */
  remoteNetworks: (applianceId: string) => { value: RemoteNetworks; observedAt: string } | null;
  /**
   * Asks one appliance for its tenants now; the answer counts for all views. Its link must be up. Rejects as the driver
   * does.
   */
  readTenants: (applianceId: string) => Promise<{ networks: RemoteNetworks; observedAt: string }>;
  /** Calls back after each answer that was taken in. */
  onObserved: (listener: (applianceId: string) => void) => () => void;
  /** Keeps the links up; its first event carries every appliance. Ends with `signal`. */
  watch: (signal: AbortSignal) => AsyncGenerator<Changes, void, void>;
  /**
   * Waits for the links, then for the answers; never rejects because an appliance failed. Resolves with why commands
   * failed, by appliance; a link that is not up is no failed command.
   */
  refresh: (applianceIds: readonly string[]) => Promise<Map<string, AppError>>;
  close: () => void;
};

export function createFleet(options: {
  inventory: Inventory;
  links: Links;
  changes: ChangeFeed;
  store: Store;
  linesPerSecond: (applianceId: string) => number | null;
  /** The last probe of each port. */
  probes?: (applianceId: string) => ReadonlyMap<number, ProbeResult>;
  /** Calls back when some of them are new. */
  onProbed?: (listener: (applianceId: string) => void) => () => void;
  /** Another machine answers at an appliance's address from now on. */
  onElsewhere?: (applianceId: string) => void;
  /** How long a probe's result counts. */
  probeGoodForMs?: () => number;
  clock: () => number;
  /** Milliseconds that only go forward. */
  steadyClock?: () => number;
  log: Log;
}): Fleet {
  const { inventory, links, changes, clock } = options;
  const observations = createObservations({ store: options.store });
  const applianceIds = () => [...known.keys()];
  const entriesById = () => new Map(inventory.list().map((entry) => [entry.id, entry]));
  let known = entriesById();
  const observed = createEmitter<[applianceId: string]>();
  const noProbes: ReadonlyMap<number, ProbeResult> = new Map();
  const verdicts = createTenantViews({
    probes: (id) => options.probes?.(id) ?? noProbes,
    probeGoodForMs: options.probeGoodForMs,
    clock,
  });

  const poll = createPoll({
    links,
    observations,
    applianceIds,
    onObserved: (id) => {
      changes.mark({ appliance: id });
      observed.emit(id);
    },
    clock,
    steadyClock: options.steadyClock ?? (() => performance.now()),
    log: options.log,
  });

  const stops = [
    links.onChange((id) => changes.mark({ appliance: id })),
    ...(options.onProbed === undefined ? [] : [options.onProbed(verdicts.forget)]),
    inventory.onChange(() => {
      const now = entriesById();
      for (const [id, before] of known) {
        const after = now.get(id);
        if (after === undefined) {
          observations.forget(id);
          verdicts.forget(id);
          changes.mark({ removed: id });
        } else if (reachesElsewhere(before, after)) {
          // What the machine of before said is nothing that this one said.
          poll.restart(id);
          observations.clearAll(id);
          options.onElsewhere?.(id);
        }
      }
      for (const id of now.keys()) changes.mark({ appliance: id });
      known = now;
    }),
  ];

  // Views go stale with time alone: checked once a second, and every fifth second for stale or disconnected ones.
  const staleBefore = new Map<string, boolean>();
  let tick = 0;
  const updateViews = () => {
    tick += 1;
    for (const id of known.keys()) {
      const stale = isStale(observations.of(id), clock());
      const notUp = links.state(id).state !== 'connected';
      if (stale !== (staleBefore.get(id) ?? false) || ((stale || notUp) && tick % 5 === 0))
        changes.mark({ appliance: id });
      staleBefore.set(id, stale);
    }
  };
  const logError = (text: string) => (thrown: unknown) => options.log.error({ err: thrown }, text);
  stops.push(
    every({ everyMs: viewTickMs, work: updateViews, onError: logError('appliances not evaluated again') }),
    // A full disk must not stop the reading; the next round tries again with newer values.
    every({
      everyMs: viewTickMs,
      work: observations.flush,
      onError: logError('last-known values not saved'),
    }),
  );

  const servedElsewhere = (entry: ApplianceEntry): ReadonlySet<string> => {
    if (entry.cluster === '') return new Set();
    const others = inventory.list().filter(({ id, cluster }) => cluster === entry.cluster && id !== entry.id);
    return new Set(
      others.flatMap(({ id }) =>
        servedTenants({ link: links.state(id), snapshot: observations.of(id), now: clock() }),
      ),
    );
  };

  const judged = (entry: ApplianceEntry) =>
    verdicts.of({ entry, link: links.state(entry.id), snapshot: observations.of(entry.id) });

  const viewOf = (entry: ApplianceEntry) =>
    applianceView({
      entry,
      link: links.state(entry.id),
      snapshot: observations.of(entry.id),
      views: judged(entry).views,
      linesPerSecond: options.linesPerSecond(entry.id),
      slowedToMs: poll.slowedToMs(entry.id),
      servedElsewhere: servedElsewhere(entry),
      now: clock(),
    });

  const overview = () => inventory.list().map(viewOf);

  return {
    overview,
    view: (id) => viewOf(inventory.get(id)),
    tenants: (applianceId) => {
      const entries = applianceId === null ? inventory.list() : [inventory.get(applianceId)];
      return entries.flatMap((entry) => judged(entry).views);
    },
    judged,
    known: observations.of,
    networks: (id) => observations.of(id).remoteNetworks?.value.tenants ?? [],
    remoteNetworks: (id) => observations.of(id).remoteNetworks ?? null,
    readTenants: poll.readTenants,
    onObserved: observed.on,
    watch: async function* watch(signal) {
      const release = links.hold('all');
      try {
        const first = {
          appliances: new Set(known.keys()),
          removed: new Set<string>(),
          prompts: true,
          audit: true,
          ports: true,
          notifications: true,
        };
        for await (const dirt of changes.watch({ first, signal })) {
          const entries = dirt.appliances.size === 0 ? [] : inventory.list();
          yield {
            appliances: entries.filter((entry) => dirt.appliances.has(entry.id)).map(viewOf),
            removed: [...dirt.removed],
            prompts: dirt.prompts,
            audit: dirt.audit,
            ports: dirt.ports,
            notifications: dirt.notifications,
          };
        }
      } finally {
        release();
      }
    },
    refresh: async (ids) => {
      const release = links.hold(ids);
      const failures = new Map<string, AppError>();
      try {
        await Promise.all(
          ids.map(async (id) => {
            const state = await links.settled(id, connectTimeoutMs);
            if (state.state !== 'connected') return;
            const failure = await poll.ask(id);
            if (failure !== null) failures.set(id, failure);
          }),
        );
        return failures;
      } finally {
        release();
      }
    },
    close: () => {
      for (const stop of stops) stop();
      poll.close();
      observations.flushAll();
    },
  };
}
