import { createEmitter } from '../../src-shared/base/emitter.ts';
import { shorten } from '../../src-shared/base/machineText.ts';
import { AppError } from '../../src-shared/errors.ts';
import { formatRun, maxNote, type FleetRun } from '../../src-shared/model/fanOut/fleetRun.ts';
import type { StopCause } from '../../src-shared/model/fanOut/runStates.ts';
import type { AuditEvent } from '../../src-shared/model/audit/auditEvents.ts';
import type { Audit } from '../audit/audit.ts';
import type { Log } from '../base/log.ts';
import type { LiveResults } from './runAppliances.ts';
import type { RunRows, StoredResult } from './runRows.ts';
import { describeCounts } from './runView.ts';

/** Each run of this console at once opens links and holds plans **[ours]**. */
const maxLive = 4;

/** A run that this console runs or rolls back now. */
export type LiveRun = {
  run: FleetRun;
  results: LiveResults & { all: () => readonly StoredResult[] };
  /** Its abort starts nothing new. */
  stop: AbortController;
  /** Whether a result could not be stored, which also stops the run. */
  isUnstored: boolean;
  ended: Promise<void>;
};

/** What became of the results of a run whose console ended. */
function settleResult(result: StoredResult): StoredResult {
  if (result.state === 'running')
    return { ...result, state: 'stopped', note: 'The console ended while the command ran.' };
  if (result.state === 'watched')
    return { ...result, state: 'done', note: 'The console ended during the watch.' };
  return result;
}

/** The results of a run while it runs. One that can't be stored, e.g. on a full disk, is kept in memory. */
function createResults(
  initial: readonly StoredResult[],
  options: {
    save: (position: number, result: StoredResult) => void;
    onUnstored: (thrown: unknown) => void;
    onChanged: (result: StoredResult) => void;
  },
): LiveRun['results'] {
  const results = [...initial];
  const places = new Map(results.map(({ applianceId }, at) => [applianceId, at]));
  const find = (applianceId: string) => {
    const at = places.get(applianceId) ?? -1;
    const result = results[at];
    if (result === undefined) throw new Error('this appliance is not part of the run');
    return { at, result };
  };
  return {
    all: () => results,
    count: () => results.length,
    get: (applianceId) => find(applianceId).result,
    change: (applianceId, changed) => {
      const { at, result } = find(applianceId);
      const changedResult = { ...result, ...changed };
      // A note that can't be stored would lose the whole result.
      const next = { ...changedResult, note: shorten(changedResult.note, maxNote) };
      results[at] = next;
      try {
        options.save(at, next);
      } catch (thrown) {
        options.onUnstored(thrown);
      }
      options.onChanged(next);
      return next;
    },
  };
}

/** What a run is asked to do, and when it is complete. */
type LiveWork = {
  run: FleetRun;
  results: readonly StoredResult[];
  event: AuditEvent;
  reason: string;
  /** Resolves with the reason why something was not started. */
  work: (mine: LiveRun) => Promise<StopCause | null>;
  /** Whether something is left to do there after the work. */
  isLeft: (result: StoredResult) => boolean;
};

/** Runs that this console carries out, each recorded in the audit trail, and those that are stored. */
export function createLiveRuns(options: {
  rows: RunRows;
  audit: Pick<Audit, 'act'>;
  onChanged: () => void;
  clock: () => number;
  log: Pick<Log, 'error'>;
}) {
  const { rows, audit, onChanged, clock, log } = options;
  const live = new Map<number, LiveRun>();
  const changes = createEmitter<[number: number, result: StoredResult]>();
  const now = () => new Date(clock()).toISOString();

  /** Ends a run. What was not started stays so, and `cause` says why. */
  function end(mine: LiveRun, cause: StopCause | null): void {
    const isLeft = mine.results.all().some(({ state }) => state === 'not-started');
    mine.run = {
      ...mine.run,
      state: isLeft ? 'stopped' : 'finished',
      stopCause: !isLeft ? null : mine.isUnstored ? 'storage' : cause,
      endedAt: now(),
    };
    rows.save(mine.run, mine.isUnstored ? mine.results.all() : []);
  }

  /** Runs the work and records it. Never rejects. */
  async function carryOn(mine: LiveRun, { event, reason, work, isLeft }: LiveWork): Promise<void> {
    const { number, command } = mine.run;
    const action = {
      event,
      object: formatRun(number),
      command,
      reason: reason === '' ? null : reason,
      detail: `on ${mine.results
        .all()
        .map(({ name }) => name)
        .join(', ')}`,
    };
    try {
      await audit.act(action, async () => {
        end(mine, await work(mine));
        const results = mine.results.all();
        if (results.some(isLeft)) throw new AppError('COMMAND_FAILED', `${describeCounts(results)}.`);
      });
    } catch (thrown) {
      if (mine.run.endedAt !== null && thrown instanceof AppError && thrown.code === 'COMMAND_FAILED') return;
      log.error({ err: thrown, run: number }, 'a run on many appliances failed');
      try {
        end(mine, 'storage');
      } catch {
        // It is still stored as running. The next look at it ends it.
      }
    } finally {
      live.delete(number);
      onChanged();
    }
  }

  /** Like `read`, but without the results where they are only stored. */
  function readFacts(number: number): { run: FleetRun; results: readonly StoredResult[] | null } {
    const mine = live.get(number);
    if (mine !== undefined) return { run: mine.run, results: mine.results.all() };
    const stored = rows.find(number);
    if (stored === undefined) throw new AppError('NOT_FOUND', `There is no ${formatRun(number)}.`);
    if (!rows.isActive(stored.run) || !(stored.isMine || stored.isOwnerGone))
      return { run: stored.run, results: null };
    const results = rows.results(number).map(settleResult);
    const run: FleetRun = { ...stored.run, state: 'stopped', stopCause: 'console', endedAt: now() };
    rows.save(run, results);
    return { run, results };
  }

  return {
    onResult: changes.on,
    find: (number: number): LiveRun | undefined => live.get(number),
    assertRoom: (): void => {
      if (live.size >= maxLive)
        throw new AppError('BUSY', `${maxLive} runs are active already. Wait until one of them ends.`);
    },
    /** Runs the work and records it as one action. Returns at once. */
    begin: (input: LiveWork): void => {
      const { run } = input;
      const stop = new AbortController();
      const onUnstored = (thrown: unknown): void => {
        if (!mine.isUnstored)
          log.error({ err: thrown, run: run.number }, 'a result of a run could not be stored');
        mine.isUnstored = true;
        stop.abort();
      };
      const results = createResults(input.results, {
        save: (position, result) => rows.saveResult(run.number, position, result),
        onUnstored,
        onChanged: (result) => {
          changes.emit(run.number, result);
          onChanged();
        },
      });
      const mine: LiveRun = { run, results, stop, isUnstored: false, ended: Promise.resolve() };
      live.set(run.number, mine);
      mine.ended = carryOn(mine, input);
    },
    ended: async (number: number): Promise<void> => {
      await live.get(number)?.ended;
    },
    /** The stored run with its results. One whose console has ended is ended first. Throws NOT_FOUND. */
    read: (number: number): { run: FleetRun; results: readonly StoredResult[] } => {
      const { run, results } = readFacts(number);
      return { run, results: results ?? rows.results(number) };
    },
    readFacts,
    stopAll: (): Promise<void[]> => {
      const all = [...live.values()];
      for (const { stop } of all) stop.abort();
      return Promise.all(all.map(({ ended }) => ended));
    },
  };
}
