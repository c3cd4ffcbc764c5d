import type { Clock } from '../../src-shared/base/clock.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import { toErrorData } from '../../src-shared/errors.ts';
import { formatRun, type FleetRun } from '../../src-shared/model/fanOut/fleetRun.ts';
import type { Wave } from '../../src-shared/model/fanOut/runOrder.ts';
import { applianceStates } from '../../src-shared/model/fanOut/runStates.ts';
import type { Log } from '../base/log.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { connectTimeoutMs } from '../links/withLink.ts';
import { performTask, type PerformServices } from './performTask.ts';
import type { TaskPlan } from './planTask.ts';
import type { StoredResult } from './runRows.ts';
import type { TunnelLooks } from './tunnelLooks.ts';
import { watchCanary } from './watchCanary.ts';
import type { ApplianceOutcome } from './waveRunner.ts';

const lookEveryMs = 5 * secondMs;
/** Bounds of the output of one appliance in characters, and of all those of a run **[ours]**. */
const [minOutput, maxOutput, maxRunOutput] = [4 * 1024, 64 * 1024, 8 * 1024 * 1024];

/** How much of each output is kept: less the more appliances there are. */
const outputBound = (count: number): number =>
  Math.max(minOutput, Math.min(maxOutput, Math.floor(maxRunOutput / Math.max(1, count))));

export type RunOneServices = PerformServices & {
  inventory: Pick<Inventory, 'assertUnlocked' | 'list'>;
  looks: TunnelLooks;
  clock: Clock;
  log: Pick<Log, 'error'>;
};

/** The results of a run while it runs. `change` stores a result and returns it. */
export type LiveResults = {
  get: (applianceId: string) => StoredResult;
  change: (applianceId: string, changes: Partial<StoredResult>) => StoredResult;
  count: () => number;
};

const outcomeOf = ({ state }: StoredResult): ApplianceOutcome => {
  if (state === 'skipped') return 'skipped';
  return applianceStates[state].isFailure ? 'failed' : 'passed';
};

/** What the change of an appliance is recorded with, so that its record names the run. */
export const reasonIn = (run: Pick<FleetRun, 'number' | 'reason'>): string =>
  `${formatRun(run.number)}: ${run.reason}`.slice(0, 500);

/** Runs the task of `run` on one appliance after the other, each at its turn. */
export function createRunOne(
  services: RunOneServices,
  options: {
    run: FleetRun;
    plans: ReadonlyMap<string, TaskPlan>;
    results: LiveResults;
    signal: AbortSignal;
  },
) {
  const { inventory, links, looks, clock, log } = services;
  const { run, plans, results, signal } = options;
  const { task, order } = run;
  const ownTenant = task.kind === 'tenant' ? task.action.clientId : null;

  async function perform(applianceId: string, isWatched: boolean): Promise<StoredResult> {
    const entry = inventory.list().find(({ id }) => id === applianceId);
    const plan = plans.get(applianceId);
    if (entry === undefined || plan === undefined)
      return results.change(applianceId, { state: 'skipped', skip: 'removed', note: '' });
    results.change(applianceId, { state: 'running' });
    const request = { entry, task, plan, reason: reasonIn(run), maxOutput: outputBound(results.count()) };
    const performed = await performTask(services, request);
    const state = isWatched && performed.state === 'done' ? 'watched' : performed.state;
    return results.change(applianceId, { ...performed, state });
  }

  /** Watches the canary after its command. A failure keeps the undo, because the change is there. */
  async function watch(applianceId: string, before: readonly string[]): Promise<void> {
    const { hasPassed, note } = await watchCanary({
      before,
      look: () => looks.look(applianceId, ownTenant),
      seconds: order.watchSeconds,
      everyMs: lookEveryMs,
      clock,
      signal,
    });
    results.change(applianceId, { state: hasPassed ? 'done' : 'failed', note });
  }

  async function runLinked(applianceId: string, isWatched: boolean): Promise<void> {
    if (isWatched) await links.waitUntilSettled(applianceId, connectTimeoutMs);
    const seen = isWatched ? await looks.look(applianceId, ownTenant) : null;
    const before = [...(seen ?? [])].filter(([, answers]) => answers).map(([key]) => key);
    const { state } = await perform(applianceId, isWatched);
    if (!applianceStates[state].hasRun) return;
    if (state === 'watched') await watch(applianceId, before);
    results.change(applianceId, { tunnels: await looks.count(applianceId) });
  }

  /** Never rejects: a fault of the console is a failure of this appliance. */
  return async (applianceId: string, wave: Wave): Promise<ApplianceOutcome> => {
    // The link stays up from the first look at the tunnels to the last one.
    const release = links.hold([applianceId]);
    try {
      await runLinked(applianceId, wave.isCanary && order.watchSeconds > 0);
    } catch (thrown) {
      log.error({ err: thrown, applianceId, run: run.number }, 'a run failed on an appliance');
      const state = task.kind === 'read' ? 'failed' : 'unknown';
      results.change(applianceId, { state, note: toErrorData(thrown).message });
    } finally {
      release();
    }
    return outcomeOf(results.get(applianceId));
  };
}
