import { systemClock, type Clock } from '../../src-shared/base/clock.ts';
import { race } from '../../src-shared/base/race.ts';
import { createSlots } from '../../src-shared/base/slots.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import { AppError, toErrorData } from '../../src-shared/errors.ts';
import { createOutputComparison } from '../../src-shared/model/fanOut/compareOutputs.ts';
import {
  formatRun,
  type FleetRun,
  type RunSummary,
  type RunView,
} from '../../src-shared/model/fanOut/fleetRun.ts';
import { taskKinds } from '../../src-shared/model/fanOut/runOrder.ts';
import type { RunTask } from '../../src-shared/model/fanOut/runTask.ts';
import { applianceStates, type StopCause } from '../../src-shared/model/fanOut/runStates.ts';
import type { Audit } from '../audit/audit.ts';
import type { ChangeMarks } from '../base/changeFeed.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Store } from '../store/store.ts';
import { createForeignRuns } from './foreignRuns.ts';
import { createLiveRuns, type LiveRun } from './liveRuns.ts';
import { createDrafts, type Draft } from './prepareRun.ts';
import { createRunOne, reasonIn, type RunOneServices } from './runAppliances.ts';
import { createRunRows, type StoredResult } from './runRows.ts';
import { buildRunSummary, buildRunView, canRollBack, comparedOutputs, countStates } from './runView.ts';
import { createTunnelLooks } from './tunnelLooks.ts';
import { undoTask } from './undoTask.ts';
import { runWaves } from './waveRunner.ts';

/** How long the end of the console waits for the commands that run. */
const maxEndMs = 15 * secondMs;

const nothingYet = {
  exitCode: null,
  milliseconds: null,
  tunnels: null,
  revision: null,
  output: null,
  isCut: false,
  undo: null,
} as const;

const firstResults = ({ appliances }: Pick<Draft, 'appliances'>): StoredResult[] =>
  appliances.map(({ applianceId, name, isProduction, skip, notes }) => ({
    ...nothingYet,
    applianceId,
    name,
    isProduction,
    state: skip === null ? 'not-started' : 'skipped',
    skip,
    note: skip === null ? '' : (notes[0] ?? ''),
  }));

/** The run and the results with which the rest of a run starts. Waves that were done stay. */
function resumeRun(before: { run: FleetRun; results: readonly StoredResult[] }, draft: Draft) {
  const again = new Map(firstResults(draft).map((result) => [result.applianceId, result]));
  const kept = before.run.waves
    .map((wave) => ({ ...wave, ids: wave.ids.filter((id) => !again.has(id)) }))
    .filter(({ ids }) => ids.length > 0);
  const run: FleetRun = {
    ...before.run,
    state: 'running',
    stopCause: null,
    endedAt: null,
    waves: [...kept, ...draft.waves],
  };
  return { run, results: before.results.map((result) => again.get(result.applianceId) ?? result) };
}

/** Undoes the changes of `mine` that can be undone, at most `order.wave` at once. */
async function undoAll(services: RunOneServices, mine: LiveRun, reason: string): Promise<StopCause | null> {
  const { run, results, stop } = mine;
  const slots = createSlots(run.order.wave);
  const undoOne = async (result: StoredResult): Promise<void> => {
    const { applianceId, undo } = result;
    const release = await slots.acquire();
    try {
      const entry = services.inventory.list().find(({ id }) => id === applianceId);
      if (stop.signal.aborted || undo === null || entry === undefined) return;
      const note = await undoTask(services, { entry, undo, reason });
      results.change(applianceId, { state: 'rolled-back', undo: null, note });
    } catch (thrown) {
      const { message } = toErrorData(thrown);
      results.change(applianceId, { note: `Could not be rolled back. ${message}`.slice(0, 2000) });
    } finally {
      release();
    }
  };
  await Promise.all(results.all().filter(canRollBack).toReversed().map(undoOne));
  return run.stopCause;
}

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
  const { clock, operator } = options;
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

  function createRun(draft: Draft, reason: string) {
    const { task, order, command, waves } = draft;
    const results = firstResults(draft);
    const run = rows.add(
      {
        task,
        order,
        command,
        waves,
        operator,
        reason,
        state: 'running',
        stopCause: null,
        startedAt: new Date(clock()).toISOString(),
        endedAt: null,
      },
      results,
    );
    return { run, results };
  }

  function start({ draftId, reason }: { draftId: string; reason: string }): RunView {
    runs.assertRoom();
    const draft = drafts.peek(draftId);
    if (taskKinds[draft.task.kind].isChange && reason === '')
      throw new AppError('INVALID_INPUT', 'A change needs a reason.', { detail: { field: 'reason' } });
    const { resumes, plans, waves, order } = draft;
    const { run, results } =
      resumes === null ? createRun(draft, reason) : resumeRun(readEnded(resumes), draft);
    if (resumes !== null) rows.save(run, results);
    // Last, so that a start that is refused can be tried again.
    drafts.take(draftId);
    runs.begin({
      run,
      results,
      event: 'fleet.run',
      reason,
      isLeft: ({ state }) => applianceStates[state].isRest,
      work: (mine) => {
        const { signal } = mine.stop;
        const runOne = createRunOne(services, {
          run: { ...run, reason },
          plans,
          results: mine.results,
          signal,
        });
        return runWaves({ waves, stopAfter: order.stopAfter, runOne, signal });
      },
    });
    return view(run.number);
  }

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
    start,
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
    rollBack: ({ number, reason }: { number: number; reason: string }): RunView => {
      runs.assertRoom();
      const { run, results } = readEnded(number);
      if (!results.some(canRollBack))
        throw new AppError('INVALID_INPUT', 'Nothing of this run can be rolled back.');
      const rolling: FleetRun = { ...run, state: 'rolling-back', endedAt: null };
      rows.save(rolling);
      runs.begin({
        run: rolling,
        results,
        event: 'fleet.rollback',
        reason,
        isLeft: canRollBack,
        work: (mine) => undoAll(services, mine, reasonIn({ number, reason })),
      });
      return view(number);
    },
    ended: runs.ended,
    onResult: runs.onResult,
    close: async (): Promise<void> => {
      foreign.close();
      await race(runs.stopAll(), { timeoutMs: maxEndMs, onTimeout: () => [] });
    },
  };
}
export type FanOut = ReturnType<typeof createFanOut>;
