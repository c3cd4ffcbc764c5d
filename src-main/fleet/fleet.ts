import type { Changes } from '../../src-shared/contract/fleet.ts';
import type { AppError } from '../../src-shared/errors.ts';
import type { ProbeResult } from '../../src-shared/model/tunnels/probe.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Log } from '../base/log.ts';
import type { Store } from '../store/store.ts';
import type { ChangeFeed } from '../base/changeFeed.ts';
import type { Links } from '../links/links.ts';
import { markAgingViews } from './agingViews.ts';
import { createFleetViews } from './fleetViews.ts';
import { followInventory } from './followInventory.ts';
import { createObservations } from './observations.ts';
import { createPoll } from './poll.ts';
import { refreshAppliances } from './refresh.ts';
import { isStale, type WasConnected } from './view.ts';
import { watchViews } from './watchFleet.ts';
import { createEmitter } from '../../src-shared/base/emitter.ts';
import { every } from '../../src-shared/node/every.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** Asks the appliances, keeps their last answers, and shows both as views. */
export function createFleet(options: {
  inventory: Inventory;
  links: Links;
  changes: ChangeFeed;
  store: Store;
  linesPerSecond: (applianceId: string) => number | null;
  /** The last probe of each port. */
  probes?: (applianceId: string) => ReadonlyMap<number, ProbeResult>;
  /** Calls back with the appliance of new probes. */
  onProbed?: (listener: (applianceId: string) => void) => () => void;
  /** From now on another machine answers at an appliance's address. */
  onElsewhere?: (applianceId: string) => void;
  /** How long a probe's result counts, in ms. */
  probeGoodForMs?: () => number;
  wasConnected?: WasConnected;
  clock: () => number;
  /** Milliseconds of a clock that never runs backwards. */
  steadyClock?: () => number;
  log: Log;
}) {
  const { inventory, links, changes, clock, log } = options;
  const observations = createObservations({ store: options.store });
  const observed = createEmitter<[applianceId: string]>();
  const markAppliance = (id: string) => changes.mark({ appliance: id });
  const noProbes: ReadonlyMap<number, ProbeResult> = new Map();
  const logError = (text: string) => (thrown: unknown) => log.error({ err: thrown }, text);

  const entries = followInventory({
    inventory,
    onRemoved: (id) => {
      observations.forget(id);
      forgetViews(id);
      changes.mark({ removed: id });
    },
    // Answers of the previous machine say nothing about this one.
    onReplaced: (id) => {
      poll.restart(id);
      observations.clearAll(id);
      options.onElsewhere?.(id);
    },
    onChanged: markAppliance,
  });
  const poll = createPoll({
    links,
    observations,
    applianceIds: entries.ids,
    onObserved: (id) => {
      markAppliance(id);
      observed.emit(id);
    },
    clock,
    steadyClock: options.steadyClock ?? (() => performance.now()),
    log,
  });
  const {
    viewOf,
    forget: forgetViews,
    ...views
  } = createFleetViews({
    ...options,
    observations,
    probes: options.probes ?? (() => noProbes),
    slowedToMs: poll.slowedToMs,
  });
  const isConnected = (id: string) => links.state(id).state === 'connected';

  const stops = [
    entries.stop,
    links.onChange(markAppliance),
    options.onProbed?.(forgetViews),
    markAgingViews({
      ids: entries.ids,
      isStale: (id) => isStale(observations.of(id), clock()),
      isConnected,
      mark: markAppliance,
      onError: logError('appliances not evaluated again'),
    }),
    // A full disk must not stop polling; the next round tries to store newer values.
    every({
      everyMs: secondMs,
      work: observations.flush,
      onError: logError('last-known values not saved'),
    }),
  ];

  return {
    ...views,
    /**
     * Asks one appliance for its tenants now; the answer updates all views. Its link must be up. Rejects like the
     * driver.
     */
    readTenants: poll.readTenants,
    /** Calls back after each stored answer. */
    onObserved: observed.on,
    /** Keeps the links up. The first event contains every appliance. Ends with `signal`. */
    watch: async function* watch(signal: AbortSignal): AsyncGenerator<Changes, void, void> {
      const release = links.hold('all');
      try {
        yield* watchViews({ inventory, changes, viewOf }, signal);
      } finally {
        release();
      }
    },
    /** Asks appliances now, once their links are up; resolves with why commands failed. Never rejects. */
    refresh: (ids: readonly string[]): Promise<Map<string, AppError>> =>
      refreshAppliances({ links, ask: poll.ask }, ids),
    close: (): void => {
      for (const stop of stops) stop?.();
      poll.close();
      observations.flushAll();
    },
  };
}

export type Fleet = ReturnType<typeof createFleet>;
