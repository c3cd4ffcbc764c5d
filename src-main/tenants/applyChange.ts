import { AppError, toErrorData } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { TenantOutcome } from '../../src-shared/model/tenants/tenantPlan.ts';
import type { Log } from '../base/log.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Links } from '../links/links.ts';
import { findConflict } from './conflict.ts';
import { isRunning } from './isRunning.ts';
import { createUnverifiedOutcome } from './outcome.ts';
import { tenantOf, type PreparedChange } from './plan.ts';
import { isRefusal, notStartedResult, runCommands, type CommandResult } from './runCommands.ts';
import { resolveOutcome } from './resolveOutcome.ts';
import type { TemporaryFiles } from './temporaryFiles.ts';

type Upload = { path: string; content: Buffer };

type Change = {
  entry: ApplianceEntry;
  /** The change. Its commands contain the path of `upload`. */
  prepared: PreparedChange;
  upload: Upload | null;
};

type Services = {
  inventory: Pick<Inventory, 'assertUnlocked'>;
  links: Pick<Links, 'of'>;
  fleet: Pick<Fleet, 'readTenants'>;
  temporaryFiles: Pick<TemporaryFiles, 'withFile' | 'sweep' | 'isRemaining'>;
  log: Pick<Log, 'error'>;
};

/**
 * Uploads the public key, runs the commands, and deletes the file. Rejects only before the first command:
 * the appliance refused the upload, or is locked.
 */
async function runWithUpload(
  { entry, prepared, upload }: Change,
  services: Services,
): Promise<CommandResult> {
  const run = () => {
    // Again here, because another console may have locked the appliance during the upload.
    services.inventory.assertUnlocked(entry.id);
    return runCommands(services.links.of(entry.id).driver, prepared.commands);
  };
  if (upload === null) return run();
  try {
    return await services.temporaryFiles.withFile({ applianceId: entry.id, ...upload }, run);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'LINK_LOST') return notStartedResult(thrown);
    throw thrown;
  }
}

/**
 * If another user has changed the tenant after the console's own check, returns that as the reason of the
 * refusal.
 */
async function explainRefusal(
  { entry, prepared }: Change,
  failure: AppError,
  { fleet }: Services,
): Promise<AppError> {
  const { action, basis } = prepared.plan;
  const listed = await fleet.readTenants(entry.id).catch(() => null);
  if (listed === null) return failure;
  const now = tenantOf(listed.networks, action.clientId);
  return findConflict({ clientId: action.clientId, basis, seen: prepared.before, now }) ?? failure;
}

/** The file of the change, if it may still be on the appliance. Never rejects. */
async function findRemainingFile(
  { entry, upload }: Change,
  { temporaryFiles, log }: Services,
): Promise<string | null> {
  if (upload === null) return null;
  await temporaryFiles.sweep(entry.id);
  try {
    return temporaryFiles.isRemaining(entry.id, upload.path) ? upload.path : null;
  } catch (thrown) {
    log.error({ err: thrown, applianceId: entry.id }, 'could not read the list of temporary files');
    return upload.path;
  }
}

/**
 * Runs a change and finds out its result. Rejects only if nothing was changed: once a command ran, every
 * error becomes part of the outcome.
 */
export async function applyChange(change: Change, services: Services): Promise<TenantOutcome> {
  const { entry, prepared } = change;
  const { links, fleet, log } = services;
  const result = await runWithUpload(change, services);
  if (result.failure !== null && result.completed === 0 && isRefusal(result.failure))
    throw await explainRefusal(change, result.failure, services);
  const settling = resolveOutcome({
    appliance: {
      readTenants: () => fleet.readTenants(entry.id),
      ready: (timeoutMs) => {
        const { session } = links.of(entry.id);
        // Skip the delay before the next attempt, because the operator is waiting for the result.
        if (session.state().state === 'retrying') session.want({ force: true });
        return session.ready(timeoutMs);
      },
      isRunning: (argv) => isRunning(links.of(entry.id).session, argv),
    },
    prepared,
    result,
    findRemainingFile: () => findRemainingFile(change, services),
  });
  return settling.catch((thrown: unknown) => {
    log.error({ err: thrown, applianceId: entry.id }, 'could not find out the result of a change');
    const { code, message } = toErrorData(thrown);
    const failure = result.failure ?? new AppError(code, message);
    return createUnverifiedOutcome({ prepared, change: result.change, remainingFile: null, failure });
  });
}
