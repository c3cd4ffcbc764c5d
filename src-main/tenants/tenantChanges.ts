import type { TenantApplyRequest } from '../../src-shared/contract/tenants.ts';
import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { TenantAction, TenantOutcome, TenantPlan } from '../../src-shared/model/tenants/tenantPlan.ts';
import { createKeyedQueue } from '../../src-shared/base/keyedQueue.ts';
import type { Audit } from '../audit/audit.ts';
import type { Log } from '../base/log.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Links } from '../links/links.ts';
import { withLink } from '../links/withLink.ts';
import type { Store } from '../store/store.ts';
import { applyChange } from './applyChange.ts';
import { rejectUnchanged } from './runCommands.ts';
import { buildAttemptRecord, buildChangeRecord } from './changeRecord.ts';
import { createChangeChecks } from './checkChange.ts';
import { createQuotaMemory } from './quotaMemory.ts';
import { createTemporaryFiles } from './temporaryFiles.ts';

/**
 * Plans and applies changes of tenants. Every change is recorded in the audit trail, and its result is
 * verified.
 */
export function createTenantChanges(options: {
  inventory: Inventory;
  links: Links;
  fleet: Fleet;
  audit: Audit;
  store: Store;
  clock: () => number;
  log: Log;
}) {
  const { inventory, links, fleet, audit, store, clock, log } = options;
  const quotas = createQuotaMemory({ store, clock });
  const temporaryFiles = createTemporaryFiles({ store, links, clock, log });
  const checks = createChangeChecks({ inventory, fleet, temporaryFiles, clock });
  const queue = createKeyedQueue();

  const stopObserving = fleet.onObserved((applianceId) => {
    try {
      quotas.remember(applianceId, fleet.networks(applianceId));
    } catch (thrown) {
      log.error({ err: thrown, applianceId }, 'could not store quotas');
    }
  });

  /** Records a change that was refused before any command was sent. */
  async function recordRefusal<Result>(
    entry: ApplianceEntry,
    request: TenantApplyRequest,
    work: () => Promise<Result> | Result,
  ): Promise<Result> {
    try {
      return await work();
    } catch (thrown) {
      if (thrown instanceof AppError)
        audit.event({
          ...buildAttemptRecord(entry, request),
          result: 'failed',
          errorCode: thrown.code,
          detail: thrown.message,
        });
      throw thrown;
    }
  }

  async function change(entry: ApplianceEntry, request: TenantApplyRequest): Promise<TenantOutcome> {
    const checked = await recordRefusal(entry, request, () => checks.check(entry, request));
    let outcome: TenantOutcome | null = null;
    try {
      return await audit.act(buildChangeRecord(entry, request.reason, checked.prepared), async () => {
        outcome = await applyChange({ entry, ...checked }, { inventory, links, fleet, temporaryFiles, log });
        if (outcome.state !== 'done') throw new AppError(outcome.code ?? 'LINK_LOST', outcome.message);
        return outcome;
      });
    } catch (thrown) {
      // The error only tells the trail the result. The outcome may contain the only copy of a private key.
      if (outcome !== null) return outcome;
      throw thrown;
    }
  }

  /**
   * Deletes the quota of a removed tenant, because after the last tenant the list is empty, and an empty list
   * deletes none. Never throws, because the change is made.
   */
  function forgetQuota(
    applianceId: string,
    { kind, clientId }: TenantAction,
    { state }: TenantOutcome,
  ): void {
    if (state !== 'done' || kind !== 'remove') return;
    try {
      quotas.forget(applianceId, clientId);
    } catch (thrown) {
      log.error({ err: thrown, applianceId }, 'could not delete the quota of a removed tenant');
    }
  }

  return {
    /** Implements `tenants.plan` of the contract. */
    plan: async (request: { applianceId: string; action: TenantAction }): Promise<TenantPlan> => {
      const entry = inventory.get(request.applianceId);
      inventory.assertUnlocked(entry.id);
      return withLink(links, entry, async () => {
        const { plan } = await checks.prepare(entry, request.action);
        return plan;
      });
    },
    /**
     * Implements `tenants.apply` of the contract. Runs the changes of a tenant one after the other. An
     * AppError means that nothing was changed, and says so.
     */
    apply: (request: TenantApplyRequest): Promise<TenantOutcome> =>
      rejectUnchanged(() => {
        const entry = inventory.get(request.applianceId);
        return queue.take(`${entry.id} ${request.action.clientId}`, async () => {
          await recordRefusal(entry, request, () => inventory.assertUnlocked(entry.id));
          return withLink(links, entry, async () => {
            const outcome = await change(entry, request);
            forgetQuota(entry.id, request.action, outcome);
            return outcome;
          });
        });
      }),
    /** The last quota above 0 that this console saw. Null if it saw none. */
    quotaBefore: quotas.of,
    close: (): void => {
      stopObserving();
      temporaryFiles.close();
    },
  };
}
