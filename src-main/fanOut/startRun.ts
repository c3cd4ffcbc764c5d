import { createSlots } from '../../src-shared/base/slots.ts';
import { AppError, toErrorData } from '../../src-shared/errors.ts';
import type { FleetRun } from '../../src-shared/model/fanOut/fleetRun.ts';
import { taskKinds } from '../../src-shared/model/fanOut/runOrder.ts';
import { applianceStates, type StopCause } from '../../src-shared/model/fanOut/runStates.ts';
import type { createLiveRuns, LiveRun } from './liveRuns.ts';
import type { createDrafts, Draft } from './prepareRun.ts';
import { createRunOne, reasonIn, type RunOneServices } from './runAppliances.ts';
import type { RunRows, StoredResult } from './runRows.ts';
import { canRollBack } from './runView.ts';
import { undoTask } from './undoTask.ts';
import { runWaves } from './waveRunner.ts';

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

/** The result with which an appliance starts again. A change that is there can still be undone, unless it is made again. */
function startAgain(before: StoredResult, next: StoredResult | undefined): StoredResult {
  if (next === undefined) return before;
  if (before.undo === null || next.skip === null) return next;
  return next.skip === 'unchanged' ? { ...before, state: 'done', note: next.note } : before;
}

/** The run and the results with which the rest of a run starts. Waves that were done stay. */
export function resumeRun(
  before: { run: FleetRun; results: readonly StoredResult[] },
  draft: Pick<Draft, 'appliances' | 'waves'>,
) {
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
  return { run, results: before.results.map((result) => startAgain(result, again.get(result.applianceId))) };
}

/** Undoes the changes of `mine` that can be undone, at most `order.wave` at once. */
async function undoAll(services: RunOneServices, mine: LiveRun, reason: string): Promise<StopCause | null> {
  const { run, results, stop } = mine;
  const slots = createSlots(run.order.wave);
  const undoOne = async (result: StoredResult): Promise<void> => {
    const { applianceId, undo } = result;
    const release = await slots.acquire();
    try {
      if (stop.signal.aborted || undo === null) return;
      const entry = services.inventory.list().find(({ id }) => id === applianceId);
      if (entry === undefined) throw new AppError('NOT_FOUND', 'It is no longer in this console.');
      const note = await undoTask(services, { entry, undo, reason });
      results.change(applianceId, { state: 'rolled-back', undo: null, note });
    } catch (thrown) {
      const { message } = toErrorData(thrown);
      results.change(applianceId, { note: `Could not be rolled back. ${message}` });
    } finally {
      release();
    }
  };
  await Promise.all(results.all().filter(canRollBack).toReversed().map(undoOne));
  return run.stopCause;
}

/** Starts prepared runs and rollbacks. Each returns the number of its run at once. */
export function createRunStarter(options: {
  services: RunOneServices;
  rows: RunRows;
  drafts: Pick<ReturnType<typeof createDrafts>, 'peek' | 'take'>;
  runs: Pick<ReturnType<typeof createLiveRuns>, 'assertRoom' | 'begin'>;
  /** Throws BUSY for a run that is active, and NOT_FOUND. */
  readEnded: (number: number) => { run: FleetRun; results: readonly StoredResult[] };
  operator: string;
  clock: () => number;
}) {
  const { services, rows, drafts, runs, readEnded, operator, clock } = options;

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

  function start({ draftId, reason }: { draftId: string; reason: string }): number {
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
    return run.number;
  }

  function rollBack({ number, reason }: { number: number; reason: string }): number {
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
    return number;
  }

  return { start, rollBack };
}
