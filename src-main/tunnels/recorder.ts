import type { Fleet } from '../fleet/fleet.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Log } from '../base/log.ts';
import type { Prober } from './probe/prober.ts';
import type { History } from './history.ts';
import { createStateRecord } from './stateRecord.ts';
import type { TenantRows } from './tenantRows.ts';
import { hourMs, secondMs } from '../../src-shared/base/time.ts';
import { createDelayedCall } from '../../src-shared/node/delayed.ts';

/** The three answers of a poll arrive within this time and are written together. */
const batchMs = 250;
/**
 * Minimum time between two calls of `onProbed`, because watchers read thousands of ports after each call.
 */
const probedEveryMs = secondMs;
const pruneEveryMs = hourMs;

/** Runs one step of a batch and reports its error, so that the other steps still run. */
function runStep<Result>(work: () => Result, onError: (thrown: unknown) => void): Result | undefined {
  try {
    return work();
  } catch (thrown) {
    onError(thrown);
    return undefined;
  }
}

/**
 * Records the changes of tunnels from the answers of regular polls. The time without answers does not count
 * as watched, so that a fault of the link is not recorded as a fault of the tunnels.
 */
export function createRecorder(options: {
  inventory: Pick<Inventory, 'list'>;
  fleet: Pick<Fleet, 'networks' | 'remoteNetworks' | 'onObserved'>;
  prober: Pick<Prober, 'onResults'>;
  tenantRows: TenantRows;
  history: History;
  clock: () => number;
  log: Log;
  /** Called with the IDs of the appliances that have new changes. */
  onRecorded: (applianceIds: readonly string[]) => void;
  /** Called after new probe results. */
  onProbed: () => void;
}) {
  const { inventory, fleet, clock } = options;
  const record = createStateRecord(options.history);
  const waiting = new Set<string>();
  const holders = new Set<symbol>();
  /**
   * When the first hold started. Earlier answers are not recorded, because the console was not watching.
   */
  let heldFromMs = 0;
  let prunedAt = Number.NEGATIVE_INFINITY;
  /** Later than any time before the first batch, so that the first batch also looks for later times. */
  let batchAtMs = Number.POSITIVE_INFINITY;

  const logError =
    (text: string, applianceId?: string) =>
    (thrown: unknown): void =>
      options.log.error({ err: thrown, applianceId }, text);

  function recordAnswer(applianceId: string): boolean {
    const entry = inventory.list().find(({ id }) => id === applianceId);
    if (entry === undefined) {
      record.forget(applianceId);
      return false;
    }
    const rows = options.tenantRows.appliance(entry);
    // Not the time in the rows, which stay the same while the appliance says that its list still holds.
    const observedAt = fleet.remoteNetworks(applianceId)?.observedAt;
    if (!rows.isFresh || observedAt === undefined) return false;
    // An answer from before the clock was set back has a time later than now.
    const observedAtMs = Math.min(Date.parse(observedAt), clock());
    return observedAtMs >= heldFromMs && record.writeAnswer(rows, observedAtMs);
  }

  /**
   * If the clock was set back since the last batch, times of before are later than now. They must not hide
   * what happens until the clock reaches them.
   */
  function followClock(): void {
    const now = clock();
    if (now < batchAtMs) {
      record.removeLaterThan(now);
      heldFromMs = Math.min(heldFromMs, now);
      prunedAt = Math.min(prunedAt, now);
    }
    batchAtMs = now;
  }

  function writeBatch(): void {
    const ids = [...waiting];
    waiting.clear();
    if (holders.size === 0) return;
    runStep(followClock, logError('could not remove tunnel history from the future'));
    const recorded = ids.filter((id) =>
      runStep(() => recordAnswer(id), logError('could not write tunnel history', id)),
    );
    if (recorded.length > 0)
      runStep(() => options.onRecorded(recorded), logError('could not publish tunnel history'));
    if (clock() - prunedAt < pruneEveryMs) return;
    prunedAt = clock();
    runStep(() => record.prune(prunedAt), logError('could not remove old tunnel history'));
  }

  const batch = createDelayedCall({
    delayMs: batchMs,
    work: writeBatch,
    onError: logError('could not write tunnel history'),
  });
  const probed = createDelayedCall({
    delayMs: probedEveryMs,
    work: options.onProbed,
    onError: logError('could not publish probe results'),
  });

  function addToBatch(applianceId: string): void {
    if (holders.size === 0) return;
    waiting.add(applianceId);
    batch.start();
  }

  const stops = [
    fleet.onObserved(addToBatch),
    options.prober.onResults((applianceId, results) => {
      runStep(
        () => record.writeLatencies(applianceId, fleet.networks(applianceId), results),
        logError('could not write latencies', applianceId),
      );
      addToBatch(applianceId);
      probed.start();
    }),
    batch.cancel,
    probed.cancel,
  ];

  return {
    /**
     * Starts a hold and returns the function that ends it. Answers are recorded while at least one hold is
     * open, and this time counts as watched.
     */
    hold: (): (() => void) => {
      const holder = Symbol('hold');
      if (holders.size === 0) heldFromMs = clock();
      holders.add(holder);
      return () => {
        holders.delete(holder);
        if (holders.size === 0) record.reset();
      };
    },
    isHeld: (): boolean => holders.size > 0,
    /** The state of each tunnel of an appliance. The keys are from `placeKey`. */
    known: record.known,
    close: (): void => {
      for (const stop of stops) stop();
    },
  };
}
