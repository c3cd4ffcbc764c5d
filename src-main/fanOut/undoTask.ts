import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { Undo } from './performTask.ts';
import type { PlanServices } from './planTask.ts';

type UndoServices = Pick<PlanServices, 'tenants' | 'configuration'>;

const changedSince = (entry: ApplianceEntry) =>
  new AppError('CONFLICT', `${entry.name} was changed after the run. Nothing was rolled back.`);

async function undoTenant(
  { tenants }: UndoServices,
  entry: ApplianceEntry,
  { action, basis }: Extract<Undo, { kind: 'tenant' }>,
  reason: string,
): Promise<string> {
  const outcome = await tenants.apply({ applianceId: entry.id, action, basis, reason, typedName: null });
  if (outcome.state === 'done') return outcome.message;
  throw new AppError(outcome.code ?? 'INTERNAL', outcome.message);
}

async function undoConfiguration(
  { configuration }: UndoServices,
  entry: ApplianceEntry,
  { base, now }: Extract<Undo, { kind: 'configuration' }>,
  reason: string,
): Promise<string> {
  const applianceId = entry.id;
  const { shown } = await configuration.show({ applianceId, version: null });
  if (shown.digest !== now) throw changedSince(entry);
  const version = shown.versions.find(({ digest }) => digest === base);
  if (version === undefined)
    throw new AppError('NOT_FOUND', `${entry.name} no longer keeps the configuration from before the run.`);
  const { number } = version;
  const { readBack } = await configuration.rollBack({ applianceId, number, unchangedSince: now, reason });
  if (readBack === 'same') return `Version ${number} is installed again.`;
  throw new AppError('VERIFICATION_FAILED', `${entry.name} has another configuration after the rollback.`);
}

/**
 * Undoes the change of one appliance. Resolves with what was done, as a sentence. Rejects with CONFLICT if it was changed
 * after the run.
 */
export function undoTask(
  services: UndoServices,
  { entry, undo, reason }: { entry: ApplianceEntry; undo: Undo; reason: string },
): Promise<string> {
  switch (undo.kind) {
    case 'tenant':
      return undoTenant(services, entry, undo, reason);
    case 'configuration':
      return undoConfiguration(services, entry, undo, reason);
  }
}
