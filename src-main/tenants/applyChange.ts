import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { TenantOutcome } from '../../src-shared/model/tenants/tenantPlan.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Links } from '../links/links.ts';
import { findConflict } from './conflict.ts';
import { isRunning } from './isRunning.ts';
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
  links: Pick<Links, 'of'>;
  fleet: Pick<Fleet, 'readTenants'>;
  temporaryFiles: TemporaryFiles;
};

/**
 * Uploads the public key, runs the commands, and deletes the file. Rejects only if the appliance refused the
 * upload.
 */
async function runWithUpload(
  { entry, prepared, upload }: Change,
  services: Services,
): Promise<CommandResult> {
  const run = () => runCommands(services.links.of(entry.id).driver, prepared.commands);
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

/** Runs a change and finds out its result. Rejects if the change was refused and nothing was changed. */
export async function applyChange(change: Change, services: Services): Promise<TenantOutcome> {
  const { entry, prepared, upload } = change;
  const { links, fleet, temporaryFiles } = services;
  const result = await runWithUpload(change, services);
  if (result.failure !== null && result.completed === 0 && isRefusal(result.failure))
    throw await explainRefusal(change, result.failure, services);
  return resolveOutcome({
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
    findRemainingFile: async () => {
      if (upload === null) return null;
      await temporaryFiles.sweep(entry.id);
      return temporaryFiles.isRemaining(entry.id, upload.path) ? upload.path : null;
    },
  });
}
