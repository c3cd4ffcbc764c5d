import { createEmitter } from '../../src-shared/base/emitter.ts';
import { AppError } from '../../src-shared/errors.ts';
import { formatRun, type FleetRun } from '../../src-shared/model/fanOut/fleetRun.ts';
import { applianceStates, type StopCause } from '../../src-shared/model/fanOut/runStates.ts';
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
  stop: AbortController;
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

/** Runs that this console carries out, each recorded in the audit trail, and those that are stored. */
export function createLiveRuns(options: {
  rows: RunRows;
  audit: Pick<Audit, 'act'>;
  clock: () => number;
  log: Pick<Log, 'error'>;
}) {
  const { rows, audit, clock, log } = options;
  const live = new Map<number, LiveRun>();
  const changes = createEmitter<[number: number, result: StoredResult]>();
  const now = () => new Date(clock()).toISOString();

  function createResults(number: number, initial: readonly StoredResult[]): LiveRun['results'] {
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
        const next = { ...result, ...changed };
        results[at] = next;
        rows.saveResult(number, at, next);
        changes.emit(number, next);
        return next;
      },
    };
  }

  /** Ends a run. What was not started stays so, and `cause` says why. */
  function end(mine: LiveRun, cause: StopCause | null): void {
    const isLeft = mine.results.all().some(({ state }) => state === 'not-started');
    mine.run = {
      ...mine.run,
      state: isLeft ? 'stopped' : 'finished',
      stopCause: isLeft ? cause : null,
      endedAt: now(),
    };
    rows.save(mine.run);
  }

  return {
    onResult: changes.on,
    find: (number: number): LiveRun | undefined => live.get(number),
    assertRoom: (): void => {
      if (live.size >= maxLive)
        throw new AppError('BUSY', `${maxLive} runs are active already. Wait until one of them ends.`);
    },
    /**
     * Runs `work` and records it as one action. Returns at once. `work` resolves with the reason why something was not
     * started.
     */
    begin: (input: {
      run: FleetRun;
      results: readonly StoredResult[];
      event: AuditEvent;
      reason: string;
      work: (mine: LiveRun) => Promise<StopCause | null>;
    }): void => {
      const { run, event, reason, work } = input;
      const mine: LiveRun = {
        run,
        results: createResults(run.number, input.results),
        stop: new AbortController(),
        ended: Promise.resolve(),
      };
      live.set(run.number, mine);
      const action = {
        event,
        object: formatRun(run.number),
        command: run.command,
        reason: reason === '' ? null : reason,
        detail: `on ${input.results.map(({ name }) => name).join(', ')}`,
      };
      const acted = audit.act(action, async () => {
        end(mine, await work(mine));
        const results = mine.results.all();
        if (results.some(({ state }) => applianceStates[state].isRest))
          throw new AppError('COMMAND_FAILED', `${describeCounts(results)}.`);
      });
      mine.ended = acted
        .catch((thrown: unknown) => {
          if (mine.run.endedAt !== null) return;
          log.error({ err: thrown, run: run.number }, 'a run on many appliances failed');
          end(mine, 'console');
        })
        .finally(() => live.delete(run.number));
    },
    ended: async (number: number): Promise<void> => {
      await live.get(number)?.ended;
    },
    /** The stored run with its results. One whose console has ended is ended first. Throws NOT_FOUND. */
    read: (number: number): { run: FleetRun; results: readonly StoredResult[] } => {
      const mine = live.get(number);
      if (mine !== undefined) return { run: mine.run, results: mine.results.all() };
      const stored = rows.find(number);
      if (stored === undefined) throw new AppError('NOT_FOUND', `There is no ${formatRun(number)}.`);
      const results = rows.results(number);
      if (!rows.isActive(stored.run) || !(stored.isMine || stored.isOwnerGone))
        return { run: stored.run, results };
      const settled = results.map(settleResult);
      const run: FleetRun = { ...stored.run, state: 'stopped', stopCause: 'console', endedAt: now() };
      rows.save(run, settled);
      return { run, results: settled };
    },
    stopAll: (): Promise<void[]> => {
      const all = [...live.values()];
      for (const { stop } of all) stop.abort();
      return Promise.all(all.map(({ ended }) => ended));
    },
  };
}
