import { randomUUID } from 'node:crypto';
import { createSlots } from '../../src-shared/base/slots.ts';
import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { listSetKeys } from '../../src-shared/model/configuration/setKeys.ts';
import type { FleetRun, PlannedAppliance, PreparedRun } from '../../src-shared/model/fanOut/fleetRun.ts';
import { defaultCanary, planWaves, type RequestedOrder } from '../../src-shared/model/fanOut/runOrder.ts';
import { applianceStates, skipReasons } from '../../src-shared/model/fanOut/runStates.ts';
import type { RunTask } from '../../src-shared/model/fanOut/runTask.ts';
import { createBoundedMap } from '../../src-shared/base/boundedMap.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { describeCommand } from './describeTask.ts';
import { planTask, type PlanServices, type TaskPlan } from './planTask.ts';
import type { StoredResult } from './runRows.ts';

/** Appliances that are planned at the same time **[ours]**. */
const maxPlanned = 8;
/** Prepared runs that were not started yet **[ours]**. */
const maxDrafts = 16;

export type RunRequest = { task: RunTask; applianceIds: readonly string[]; order: RequestedOrder };
/** A run that was not started yet. `resumes`: the number of the run whose rest it is. */
export type Draft = PreparedRun & { plans: ReadonlyMap<string, TaskPlan> };

/** Throws INVALID_INPUT if the chosen canary takes no part. */
function assertCanary(appliances: readonly PlannedAppliance[], canaryId: string | null): void {
  if (canaryId === null) return;
  const canary = appliances.find(({ applianceId }) => applianceId === canaryId);
  if (canary === undefined)
    throw new AppError('INVALID_INPUT', 'The canary must be one of the chosen appliances.');
  if (canary.skip !== null)
    throw new AppError(
      'INVALID_INPUT',
      `${canary.name} can’t be the canary: ${skipReasons[canary.skip].word}. ${canary.notes[0] ?? ''}`.trim(),
    );
}

/** Plans runs and remembers them until they start. Nothing is stored, because plans hold whole configurations. */
export function createDrafts(
  options: PlanServices & { inventory: Pick<Inventory, 'assertUnlocked' | 'list'> },
) {
  const { inventory } = options;
  const drafts = createBoundedMap<string, Draft>(maxDrafts);

  async function planAll(entries: readonly ApplianceEntry[], task: RunTask) {
    const slots = createSlots(maxPlanned);
    return Promise.all(
      entries.map(async (entry) => {
        const release = await slots.acquire();
        return planTask(options, entry, task).finally(release);
      }),
    );
  }

  async function prepare(
    { task, applianceIds, order }: RunRequest,
    resumes: number | null,
  ): Promise<PreparedRun> {
    if (task.kind === 'configuration') listSetKeys(task.keys);
    const chosen = new Set(applianceIds);
    const entries = inventory.list().filter(({ id }) => chosen.has(id));
    if (entries.length === 0) throw new AppError('INVALID_INPUT', 'Choose at least one appliance.');
    const planned = await planAll(entries, task);
    const appliances = planned.map(({ appliance }) => appliance);
    const taking = appliances
      .filter(({ skip }) => skip === null)
      .map(({ applianceId, isProduction }) => ({ id: applianceId, isProduction }));
    const canaryId = order.canaryId === 'first' ? defaultCanary(taking) : order.canaryId;
    assertCanary(appliances, canaryId);
    const draft: Draft = {
      draftId: randomUUID(),
      task,
      order: { ...order, canaryId },
      command: describeCommand(task),
      appliances,
      waves: planWaves(taking, { ...order, canaryId }).map((wave) => ({ ...wave, ids: [...wave.ids] })),
      resumes,
      plans: new Map(
        planned.flatMap(({ appliance, plan }) =>
          plan === null ? [] : [[appliance.applianceId, plan] as const],
        ),
      ),
    };
    drafts.set(draft.draftId, draft);
    const { plans: _plans, ...prepared } = draft;
    return prepared;
  }

  function find(draftId: string): Draft {
    const draft = drafts.get(draftId);
    if (draft !== undefined) return draft;
    throw new AppError('NOT_FOUND', 'This run is no longer prepared, or was started. Prepare it again.');
  }

  return {
    prepare: (request: RunRequest) => prepare(request, null),
    /** Plans again what is left of a run. The canary runs alone only if it is left too. */
    prepareRest: ({ number, task, order }: FleetRun, results: readonly StoredResult[]) => {
      const rest = results
        .filter(({ state }) => applianceStates[state].isRest)
        .map(({ applianceId }) => applianceId);
      if (rest.length === 0) throw new AppError('INVALID_INPUT', 'Nothing of this run is left.');
      const canaryId = rest.find((id) => id === order.canaryId) ?? null;
      return prepare({ task, applianceIds: rest, order: { ...order, canaryId } }, number);
    },
    /** Rejects with NOT_FOUND, also for a run that was started already. */
    take: (draftId: string): Draft => {
      const draft = find(draftId);
      drafts.delete(draftId);
      return draft;
    },
    /** Throws NOT_FOUND. */
    peek: find,
  };
}
