import type { Changes } from '../../src-shared/contract/fleet.ts';
import type { ProbeResult } from '../../src-shared/model/tunnels/probe.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Log } from '../base/log.ts';
import type { Store } from '../store/store.ts';
import type { ChangeFeed } from '../base/changeFeed.ts';
import type { Links } from '../links/links.ts';
import { markAgingViews } from './agingViews.ts';
import { createClusterMembers } from './clusterMembers.ts';
import { createFleetViews } from './fleetViews.ts';
import { followInventory } from './followInventory.ts';
import { createObservations } from './observations.ts';
import { createPoll } from './poll.ts';
import { answerFacts, createQuiet, linkFacts } from './quietly.ts';
import { refreshAppliances } from './refresh.ts';
import { isStale, type WasConnected } from './view.ts';
import { watchViews } from './watchFleet.ts';
import { createEmitter } from '../../src-shared/base/emitter.ts';
import { createHolds } from '../../src-shared/base/holds.ts';
import { callEvery } from '../../src-shared/node/callEvery.ts';
import type { LicenceShowOutput } from '../../src-shared/model/licence/licence.ts';
import type { LicenceSchedule } from '../../src-shared/model/licence/licenceWork.ts';
import { secondMs } from '../../src-shared/base/time.ts';

const noProbes: ReadonlyMap<number, ProbeResult> = new Map();

/** Polls the appliances, keeps their last answers, and builds views from these. */
export function createFleet(options: {
  inventory: Inventory;
  links: Links;
  changes: ChangeFeed;
  store: Store;
  linesPerSecond: (applianceId: string) => number | null;
  /** The last probe result of each port. */
  probes?: (applianceId: string) => ReadonlyMap<number, ProbeResult>;
  /** Registers a listener that is called with the ID of an appliance that has new probe results. */
  onProbed?: (listener: (applianceId: string) => void) => () => void;
  /** Called when another machine replaces an appliance, e.g. because its address was edited. */
  onMachineReplaced?: (applianceId: string) => void;
  /** How long a probe result is valid, in milliseconds. */
  maxProbeAgeMs?: () => number;
  /** When the link came up again. Null if it came up only once. Earlier probe results are not valid. */
  reconnectedAt?: (applianceId: string) => string | null;
  wasConnected?: WasConnected;
  scheduleOf?: (applianceId: string, licence: LicenceShowOutput) => LicenceSchedule;
  clock: () => number;
  /** Milliseconds of a clock that a change of the system time does not affect. */
  steadyClock?: () => number;
  log: Log;
}) {
  const { inventory, links, changes, clock, log, steadyClock = () => performance.now() } = options;
  const observations = createObservations({ store: options.store, steadyClock });
  const observed = createEmitter<[applianceId: string]>();
  const follows = createHolds();
  const membersOf = createClusterMembers(inventory);
  /** The rows and counts of the members of a cluster depend on each other. */
  const markAppliance = (id: string) => {
    for (const member of membersOf(id)) changes.mark({ appliance: member });
  };
  const [quietAnswers, quietLinks] = [createQuiet(steadyClock), createQuiet(steadyClock)];
  const logError = (text: string) => (thrown: unknown) => log.error({ err: thrown }, text);

  const entries = followInventory({
    inventory,
    onRemoved: (id) => {
      observations.forget(id);
      forgetViews(id);
      quietAnswers.forget(id);
      quietLinks.forget(id);
      changes.mark({ removed: id });
    },
    // The answers of the previous machine do not describe the new one.
    onReplaced: (id) => {
      poll.restart(id);
      observations.clearAll(id);
      options.onMachineReplaced?.(id);
    },
    onChanged: markAppliance,
  });
  const poll = createPoll({
    links,
    observations,
    applianceIds: entries.ids,
    isFollowed: follows.has,
    onObserved: (id) => {
      const facts = answerFacts(observations.of(id), links.state(id), clock());
      if (!quietAnswers.isDue(id, [...facts, options.linesPerSecond(id), poll.slowedToMs(id)])) return;
      markAppliance(id);
      observed.emit(id);
    },
    clock,
    steadyClock,
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
    links.onChange((id, link) => {
      if (quietLinks.isDue(id, linkFacts(link))) markAppliance(id);
    }),
    options.onProbed?.(forgetViews),
    markAgingViews({
      ids: entries.ids,
      isStale: (id) => isStale(observations.of(id), clock()),
      isConnected,
      mark: markAppliance,
      onError: logError('could not re-evaluate appliances'),
    }),
    // If the disk is full, polling continues and the next flush tries again.
    callEvery({
      everyMs: secondMs,
      work: observations.flush,
      onError: logError('could not save last known values'),
    }),
  ];

  /** Keeps links up and polls the appliances until the returned function is called. */
  function follow(ids: readonly string[] | 'all'): () => void {
    const unfollow = follows.add(ids);
    const release = links.hold(ids);
    return () => {
      unfollow();
      release();
    };
  }

  return {
    ...views,
    follow,
    /**
     * Asks one appliance for its tenants now and updates all views. Its link must be up. Rejects like the
     * driver.
     */
    readTenants: poll.readTenants,
    /** Registers a listener that is called after each stored answer. */
    onObserved: observed.on,
    /**
     * Follows all appliances and yields the changed appliances until `signal` aborts. The first event contains
     * every appliance.
     */
    watch: async function* watch(signal: AbortSignal): AsyncGenerator<Changes, void, void> {
      const release = follow('all');
      try {
        yield* watchViews({ inventory, changes, viewOf }, signal);
      } finally {
        release();
      }
    },
    /** Follows one appliance until `signal` aborts, also one that connects on demand. Yields once at the start. */
    look: async function* look(id: string, signal: AbortSignal): AsyncGenerator<{}, void, void> {
      const release = follow([id]);
      try {
        yield {};
        const ended = Promise.withResolvers<void>();
        signal.addEventListener('abort', () => ended.resolve(), { once: true });
        if (!signal.aborted) await ended.promise;
      } finally {
        release();
      }
    },
    /**
     * Polls appliances now, once their links are up. Resolves with the errors of failed commands, by
     * appliance. Never rejects.
     */
    refresh: (ids: readonly string[], onDone?: (applianceId: string) => void) =>
      refreshAppliances({ links, ask: poll.ask, onDone }, ids),
    /**
     * Like `refresh`, with less work for the appliances. A change that was made a moment ago may be missing: what is
     * stored has its time.
     */
    readAll: (ids: readonly string[], onDone?: (applianceId: string) => void) =>
      refreshAppliances({ links, ask: poll.askAtOnce, onDone }, ids),
    /** Like `refresh`, but does not ask for tenants. */
    refreshLicences: (ids: readonly string[], onDone?: (applianceId: string) => void) =>
      refreshAppliances({ links, ask: poll.askForLicence, onDone }, ids),
    close: (): void => {
      for (const stop of stops) stop?.();
      poll.close();
      observations.flushAll();
    },
  };
}

export type Fleet = ReturnType<typeof createFleet>;
