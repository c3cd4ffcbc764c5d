import type { TenantApplyRequest } from '../../src-shared/contract/tenants.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { TenantAction } from '../../src-shared/model/tenants/tenantPlan.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { buildCommands } from './buildCommands.ts';
import { findConflict } from './conflict.ts';
import { assertNameTyped, preparePlan, tenantOf, type PreparedChange } from './plan.ts';
import { buildPlanContext } from './planContext.ts';
import { createSeenTenants } from './seenTenants.ts';
import type { TemporaryFiles } from './temporaryFiles.ts';

/** Prepares changes from a fresh list of tenants, and compares that list with what the operator saw. */
export function createChangeChecks(options: {
  inventory: Inventory;
  fleet: Fleet;
  temporaryFiles: Pick<TemporaryFiles, 'newPath'>;
  clock: () => number;
}) {
  const { inventory, fleet } = options;
  const seenTenants = createSeenTenants();

  /**
   * Reads the tenants now and prepares the change. `assertBasis` throws if the tenant is not as the request
   * expects.
   */
  async function prepare(
    entry: ApplianceEntry,
    action: TenantAction,
    assertBasis: (now: PreparedChange['before']) => void = () => undefined,
  ): Promise<PreparedChange> {
    const listed = await fleet.readTenants(entry.id);
    const now = tenantOf(listed.networks, action.clientId);
    assertBasis(now);
    if (now !== null) seenTenants.remember(entry.id, now);
    return preparePlan({ entry, action, ...listed, planContext: buildPlanContext(entry, options) });
  }

  /**
   * The second check, directly before a change. Throws if the change may not run; no command was sent then.
   */
  async function check(entry: ApplianceEntry, request: TenantApplyRequest) {
    const { action, basis, typedName } = request;
    const { clientId } = action;
    const prepared = await prepare(entry, action, (now) => {
      inventory.assertUnlocked(entry.id);
      const seen = seenTenants.find({ applianceId: entry.id, clientId, changedAt: basis });
      const conflict = findConflict({ clientId, basis, seen, now });
      if (conflict !== null) throw conflict;
    });
    assertNameTyped(prepared.plan, typedName);
    const { key, before } = prepared;
    if (key === null) return { prepared, upload: null };
    const path = await options.temporaryFiles.newPath(entry.id, '.pub');
    const commands = buildCommands({ action, before, publicKeyPath: path });
    // Upload the key without its comment, because the comment may be private.
    return {
      prepared: { ...prepared, commands },
      upload: { path, content: Buffer.from(`${key.type} ${key.blob}\n`) },
    };
  }

  return { prepare, check };
}
