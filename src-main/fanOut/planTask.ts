import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { applianceColours } from '../../src-shared/model/appliance/tags.ts';
import { setKeys } from '../../src-shared/model/configuration/setKeys.ts';
import type { PlannedAppliance } from '../../src-shared/model/fanOut/fleetRun.ts';
import { skipReasonOf, type SkipReason } from '../../src-shared/model/fanOut/runStates.ts';
import type { RunTask } from '../../src-shared/model/fanOut/runTask.ts';
import { formatRanges } from '../../src-shared/model/tenants/ports.ts';
import type { QuotaAction, TenantPlan } from '../../src-shared/model/tenants/tenantPlan.ts';
import type { Configuration } from '../configuration/configuration.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { createTenantChanges } from '../tenants/tenantChanges.ts';

/** What was planned for one appliance: what its apply needs to refuse if the appliance has changed since. */
export type TaskPlan =
  | { kind: 'read' }
  | { kind: 'tenant'; action: QuotaAction; basis: TenantPlan['basis']; undo: TenantPlan['undo'] }
  /** `text` has masks instead of the appliance's secrets. */
  | { kind: 'configuration'; text: string; unchangedSince: string; revision: number };

/** `plan` is null if the appliance is skipped. */
export type Planned = { appliance: PlannedAppliance; plan: TaskPlan | null };

export type PlanServices = {
  inventory: Pick<Inventory, 'assertUnlocked'>;
  tenants: Pick<ReturnType<typeof createTenantChanges>, 'plan' | 'apply'>;
  configuration: Pick<Configuration, 'show' | 'check' | 'apply' | 'rollBack'>;
};

const maxNotes = 50;
const maxNote = 1000;

type Found = { plan: TaskPlan; notes: string[]; ends: number };

const portsText = (plan: Pick<TenantPlan, 'before' | 'after'>) => {
  const [before, after] = [plan.before?.ports ?? [], plan.after?.ports ?? null];
  return after === null ? '' : `, ports ${formatRanges(before)} → ${formatRanges(after)}`;
};

async function planTenant(
  { tenants }: PlanServices,
  entry: ApplianceEntry,
  action: QuotaAction,
): Promise<Found> {
  const plan = await tenants.plan({ applianceId: entry.id, action });
  const { basis, undo, ends, warnings } = plan;
  return {
    plan: { kind: 'tenant', action, basis, undo },
    notes: [
      `quota ${plan.before?.quota ?? 0} → ${plan.after?.quota ?? 0}${portsText(plan)}`,
      ...(undo.possible ? [] : [`No undo: ${undo.text}`]),
      ...warnings,
    ],
    ends: ends.length,
  };
}

/** Throws ALREADY_EXISTS if the appliance has the keys already, and INVALID_INPUT if it refuses them. */
async function planConfiguration(
  { inventory, configuration }: PlanServices,
  entry: ApplianceEntry,
  keys: string,
): Promise<Found> {
  inventory.assertUnlocked(entry.id, 'configuration');
  const applianceId = entry.id;
  const { shown } = await configuration.show({ applianceId, version: null });
  const text = setKeys(shown.text, keys);
  const unchangedSince = shown.digest;
  const hasIt = new AppError('ALREADY_EXISTS', `${entry.name} has these keys already.`);
  if (text === shown.text) throw hasIt;
  const { output } = await configuration.check({ applianceId, text, unchangedSince });
  if (output.outcome === 'unchanged') throw hasIt;
  if (output.outcome === 'refused')
    throw new AppError(
      'INVALID_INPUT',
      `${entry.name} refuses it: ${output.problems.map(({ path, message }) => `${path} ${message}`.trim()).join('; ')}.`,
    );
  return {
    plan: { kind: 'configuration', text, unchangedSince, revision: shown.revision },
    notes: output.changes.map(
      ({ path, before, after }) => `${path}: ${before ?? 'none'} → ${after ?? 'none'}`,
    ),
    ends: 0,
  };
}

async function findPlan(services: PlanServices, entry: ApplianceEntry, task: RunTask): Promise<Found> {
  switch (task.kind) {
    case 'read':
      return { plan: { kind: 'read' }, notes: [], ends: 0 };
    case 'tenant':
      return planTenant(services, entry, task.action);
    case 'configuration':
      return planConfiguration(services, entry, task.keys);
  }
}

export const isProduction = ({ colour }: Pick<ApplianceEntry, 'colour'>): boolean =>
  applianceColours[colour].isProduction === true;

/** Plans the task for one appliance without changing it. An appliance that can't take it is skipped, with the reason. */
export async function planTask(
  services: PlanServices,
  entry: ApplianceEntry,
  task: RunTask,
): Promise<Planned> {
  const described = (notes: readonly string[], skip: SkipReason | null, ends: number): PlannedAppliance => ({
    applianceId: entry.id,
    name: entry.name,
    isProduction: isProduction(entry),
    skip,
    notes: notes.slice(0, maxNotes).map((note) => note.slice(0, maxNote)),
    ends,
  });
  try {
    const { plan, notes, ends } = await findPlan(services, entry, task);
    return { plan, appliance: described(notes, null, ends) };
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return { plan: null, appliance: described([thrown.message], skipReasonOf(thrown.code), 0) };
  }
}
