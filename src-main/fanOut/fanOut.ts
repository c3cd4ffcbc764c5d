import { systemClock, type Clock } from '../../src-shared/base/clock.ts';
import { race } from '../../src-shared/base/race.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import { AppError } from '../../src-shared/errors.ts';
import { createOutputComparison } from '../../src-shared/model/fanOut/compareOutputs.ts';
import { formatRun, type RunSummary, type RunView } from '../../src-shared/model/fanOut/fleetRun.ts';
import type { RunTask } from '../../src-shared/model/fanOut/runTask.ts';
import type { Audit } from '../audit/audit.ts';
import type { ChangeMarks } from '../base/changeFeed.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Store } from '../store/store.ts';
import { createForeignRuns } from './foreignRuns.ts';
import { createLiveRuns } from './liveRuns.ts';
import { createDrafts } from './prepareRun.ts';
import type { RunOneServices } from './runAppliances.ts';
import { createRunRows, type StoredResult } from './runRows.ts';
import { buildRunSummary, buildRunView, comparedOutputs, countStates } from './runView.ts';
import { createRunStarter } from './startRun.ts';
import { createTunnelLooks } from './tunnelLooks.ts';

/** How long the end of the console waits for the commands that run. */
const maxEndMs = 15 * secondMs;

/** Runs of one command or change on many appliances: planned, canary first, then in waves, kept with their results. */
export function createFanOut(
  options: Omit<RunOneServices, 'looks' | 'clock'> & {
    fleet: Pick<Fleet, 'readTenants' | 'tenants'>;
    audit: Pick<Audit, 'act'>;
    changes: ChangeMarks;
    store: Store;
    clock: () => number;
    /** For the watch of a canary. */
    waitClock?: Clock;
    operator: string;
  },
) {
  const services: RunOneServices = {
    ...options,
    looks: createTunnelLooks(options),
    clock: options.waitClock ?? systemClock,
  };
  const rows = createRunRows(options);
  const drafts = createDrafts(options);
  const onChanged = () => options.changes.mark({ runs: true });
  const runs = createLiveRuns({ ...options, rows, onChanged });
  const foreign = createForeignRuns({ ...options, rows, settle: runs.read, onChanged });
  const compare = createOutputComparison();

  const view = (number: number): RunView => {
    const { run, results } = runs.read(number);
    foreign.follow(run);
    return buildRunView(run, results, compare);
  };

  function readEnded(number: number) {
    const read = runs.read(number);
    if (rows.isActive(read.run)) throw new AppError('BUSY', `${formatRun(number)} is still running.`);
    return read;
  }

  const starter = createRunStarter({ ...options, services, rows, drafts, runs, readEnded });

  return {
    /** Plans a run for each appliance. Changes nothing. */
    prepare: drafts.prepare,
    /** Plans what is left of a run. Rejects with BUSY, NOT_FOUND, or INVALID_INPUT if nothing is left. */
    prepareRest: async (number: number) => {
      const { run, results } = readEnded(number);
      return drafts.prepareRest(run, results);
    },
    /** The task of a prepared or stored run, for the check of the caller's role. Throws NOT_FOUND. */
    taskOf: (which: { draftId: string } | { number: number }): RunTask =>
      'draftId' in which ? drafts.peek(which.draftId).task : runs.read(which.number).run.task,
    /** Starts a prepared run and returns at once. Throws BUSY, NOT_FOUND and INVALID_INPUT. */
    start: (request: { draftId: string; reason: string }): RunView => view(starter.start(request)),
    view,
    /** Newest first. */
    list: (): RunSummary[] => {
      foreign.followList();
      const counts = rows.countStates();
      return rows.list().map(({ run: { number } }) => {
        const { run, results } = runs.readFacts(number);
        return buildRunSummary(run, results === null ? (counts.get(number) ?? {}) : countStates(results));
      });
    },
    /**
     * The output of one appliance, and what is compared: its output and that of most without what is different on each
     * appliance. Throws NOT_FOUND.
     */
    output: ({ number, applianceId }: { number: number; applianceId: string }) => {
      const { run, results } = runs.read(number);
      const own = results.find((result) => result.applianceId === applianceId);
      if (own === undefined) throw new AppError('NOT_FOUND', 'This appliance is not part of the run.');
      const compared = comparedOutputs(run, results);
      return {
        output: own.output,
        compared: compared.find(({ id }) => id === applianceId)?.output ?? null,
        most: compare(compared).most?.output ?? null,
      };
    },
    /** Results with their outputs, in the order of the run. */
    results: (number: number): readonly StoredResult[] => runs.read(number).results,
    /** Starts nothing new; what runs already ends. Throws BUSY for a run of another console. */
    stop: (number: number): RunView => {
      const mine = runs.find(number);
      mine?.stop.abort();
      const seen = view(number);
      if (mine === undefined && rows.isActive(seen))
        throw new AppError('BUSY', `Another console runs ${formatRun(number)}. Stop it there.`);
      return seen;
    },
    /** Undoes the changes that can be undone, and returns at once. Rejects with BUSY, or INVALID_INPUT if there are none. */
    rollBack: (request: { number: number; reason: string }): RunView => view(starter.rollBack(request)),
    ended: runs.ended,
    onResult: runs.onResult,
    close: async (): Promise<void> => {
      foreign.close();
      await race(runs.stopAll(), { timeoutMs: maxEndMs, onTimeout: () => [] });
    },
  };
}
export type FanOut = ReturnType<typeof createFanOut>;
