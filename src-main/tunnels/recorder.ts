import type { Fleet } from '../fleet/fleet.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Log } from '../base/log.ts';
import type { Prober } from './probe/prober.ts';
import type { History } from './history.ts';
import { createStateRecord } from './stateRecord.ts';
import type { TenantRows } from './tenantRows.ts';
import { hourMs, secondMs } from '../../src-shared/base/time.ts';
import { createDelayed } from '../../src-shared/node/delayed.ts';

/** The three commands of one round answer within this time; their answers are written together. */
const batchMs = 250;
/** Thousands of ports may be probed within a minute, and watchers read all of them after each call of `onProbed`. */
const probedEveryMs = secondMs;
const pruneEveryMs = hourMs;

/** Runs one step of a batch: a full disk or a failing listener must not end the others. */
function attempt<Result>(work: () => Result, onError: (thrown: unknown) => void): Result | undefined {
  try {
    return work();
  } catch (thrown) {
    onError(thrown);
    return undefined;
  }
}

/**
 * Records how tunnels change, from the answers that come in anyway. An appliance that does not answer is not watched, so
 * that a fault of its link never counts as a fault of its tunnels.
 */
export function createRecorder(options: {
  inventory: Pick<Inventory, 'list'>;
  fleet: Pick<Fleet, 'networks' | 'onObserved'>;
  prober: Pick<Prober, 'onResults'>;
  tenantRows: TenantRows;
  history: History;
  clock: () => number;
  log: Log;
  /** Called with the appliances whose history has new changes. */
  onRecorded: (applianceIds: readonly string[]) => void;
  /** Called after new results of probes. */
  onProbed: () => void;
}) {
  const { inventory, fleet, clock } = options;
  const record = createStateRecord(options.history);
  const waiting = new Set<string>();
  const holders = new Set<symbol>();
  /** Answers from before the first hold don't count: the console was not watching then. */
  let heldFromMs = 0;
  let prunedAt = Number.NEGATIVE_INFINITY;

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
    const { observedAtMs } = rows;
    if (!rows.isFresh || observedAtMs === null || observedAtMs < heldFromMs) return false;
    return record.writeAnswer(rows, observedAtMs);
  }

  function writeBatch(): void {
    const ids = [...waiting];
    waiting.clear();
    if (holders.size === 0) return;
    const recorded = ids.filter((id) =>
      attempt(() => recordAnswer(id), logError('tunnel history not written', id)),
    );
    if (recorded.length > 0)
      attempt(() => options.onRecorded(recorded), logError('tunnel history not published'));
    if (clock() - prunedAt < pruneEveryMs) return;
    prunedAt = clock();
    attempt(() => record.prune(prunedAt), logError('old tunnel history not removed'));
  }

  const batch = createDelayed({
    delayMs: batchMs,
    work: writeBatch,
    onError: logError('tunnel history not written'),
  });
  const probed = createDelayed({
    delayMs: probedEveryMs,
    work: options.onProbed,
    onError: logError('probe results not published'),
  });

  function addToBatch(applianceId: string): void {
    if (holders.size === 0) return;
    waiting.add(applianceId);
    batch.start();
  }

  const stops = [
    fleet.onObserved(addToBatch),
    options.prober.onResults((applianceId, results) => {
      attempt(
        () => record.writeLatencies(applianceId, fleet.networks(applianceId), results),
        logError('latencies not written', applianceId),
      );
      addToBatch(applianceId);
      probed.start();
    }),
    batch.cancel,
    probed.cancel,
  ];

  return {
    /** While held, answers are recorded, and the time counts as watched. */
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
    /** The state of each tunnel, by `placeKey`. */
    known: record.known,
    close: (): void => {
      for (const stop of stops) stop();
    },
  };
}
