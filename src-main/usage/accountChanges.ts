import { errorCodes } from '../../src-shared/errorCodes.ts';
import { AppError } from '../../src-shared/errors.ts';
import type { AppliedAccounts, WhatIf } from '../../src-shared/contract/usageChanges.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { findPlan, type BillingPlan } from '../../src-shared/model/billing/billingPlan.ts';
import { unknownAmount, type Amount } from '../../src-shared/model/billing/invoice.ts';
import { priceWhatIf, type WhatIfStep } from '../../src-shared/model/billing/whatIf.ts';
import { accountArgv, type ListedAccounts } from '../../src-shared/model/usage/accountArgv.ts';
import {
  describeSteps,
  type AccountPlan,
  type AccountStep,
} from '../../src-shared/model/usage/accountPlan.ts';
import type { UsageSummary } from '../../src-shared/model/usage/usageSummary.ts';
import type { Audit } from '../audit/audit.ts';
import type { Driver } from '../driver/driver.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Links } from '../links/links.ts';
import { withLink } from '../links/withLink.ts';
import { describeStep, makeChangeCard } from './accountChangeCard.ts';
import type { KeptCountsStore } from './keptCounts.ts';
import { priceCounts, projectCounts } from './previewUsage.ts';
import { findLicensedPlan, orError } from './readCounts.ts';
import { actionOf } from './usageAction.ts';

type Assumed = {
  marks: { hashes: string[] } | { application: number } | null;
  idleDays: number | null;
  planId: string | null;
};

function stepsOf({ marks, idleDays }: Assumed): AccountStep[] {
  const mark = marks === null ? [] : [{ action: 'mark-internal' as const, accounts: marks }];
  const idle = idleDays === null ? [] : [{ action: 'deactivate' as const, accounts: { idleDays } }];
  return [...mark, ...idle];
}

/** The counts after each step as the appliance rehearsed it. */
function countedSteps(plan: AccountPlan, steps: readonly AccountStep[]): WhatIfStep[] {
  return plan.steps.flatMap((made, at): WhatIfStep[] => {
    const step = steps[at];
    if (step === undefined || made.after === null) return [];
    return [{ kind: 'counts', label: describeStep({ step, made }), summary: made.after }];
  });
}

function totalOf(plan: BillingPlan, summary: UsageSummary): Amount {
  const { invoice, error } = priceCounts(summary, { plan });
  return invoice === null ? unknownAmount(error.code, error.message) : invoice.total;
}

/** Reads accounts, rehearses changes of them with their prices, and applies these. Keeps no name and no hash of an account. */
export function createAccountChanges(options: {
  inventory: Pick<Inventory, 'get' | 'assertUnlocked'>;
  links: Pick<Links, 'hold' | 'waitUntilSettled'> & {
    of: (entryId: string) => { driver: Pick<Driver, 'licence' | 'usage' | 'accounts'> };
  };
  audit: Pick<Audit, 'act'>;
  kept: Pick<KeptCountsStore, 'list'>;
}) {
  const { inventory, links, audit, kept } = options;
  const driverOf = (entry: ApplianceEntry) => links.of(entry.id).driver;
  /** Null if the appliance can't say. Steps that change nothing more were made. */
  async function findOutcome(
    entry: ApplianceEntry,
    { steps, digest }: { steps: readonly AccountStep[]; digest: string },
  ): Promise<'done' | 'not-done' | null> {
    const now = await orError(() => withLink(links, entry, () => driverOf(entry).accounts.plan(steps)));
    if (now instanceof AppError) return null;
    if (now.steps.every(({ changed }) => changed === 0)) return 'done';
    return now.digest === digest ? 'not-done' : null;
  }

  async function planSteps(entry: ApplianceEntry, steps: readonly AccountStep[]) {
    const plan = await driverOf(entry).accounts.plan(steps);
    return { plan, change: makeChangeCard(plan, steps) };
  }

  return {
    applications: (applianceId: string) => {
      const entry = inventory.get(applianceId);
      return withLink(links, entry, () => driverOf(entry).accounts.applications());
    },
    /** Records that names were read, and none of them. */
    accounts: ({ applianceId, ...listed }: ListedAccounts & { applianceId: string }) => {
      const entry = inventory.get(applianceId);
      return withLink(links, entry, () => {
        const read = () => driverOf(entry).accounts.list(listed);
        const action = actionOf(entry, accountArgv.list(listed), 'names of accounts, not kept');
        return listed.hasNames ? audit.act({ event: 'usage.names', ...action }, read) : read();
      });
    },
    /** Changes nothing. Rejects with LICENCE_FORBIDS, BILLING_PLAN_MISSING, the errors of pricing, and like the driver. */
    whatIf: ({ applianceId, ...assumed }: Assumed & { applianceId: string }): Promise<WhatIf> => {
      const entry = inventory.get(applianceId);
      const steps = stepsOf(assumed);
      return withLink(links, entry, async () => {
        const driver = driverOf(entry);
        const licence = await driver.licence();
        const found = findLicensedPlan(licence);
        if (found.plan === null) throw found.error;
        const { plans = [], entitlements } = licence;
        const planned = steps.length === 0 ? null : await planSteps(entry, steps);
        const before = planned?.plan.before ?? (await driver.usage.summary(null));
        const counted = planned === null ? [] : countedSteps(planned.plan, steps);
        const chosen = assumed.planId === null ? null : findPlan(plans, assumed.planId);
        const change: WhatIfStep[] =
          chosen === null ? [] : [{ kind: 'plan', label: `Plan “${chosen.label}”`, plan: chosen }];
        const after = planned?.plan.steps.at(-1)?.after ?? before;
        const history = kept.list(entry.id);
        return {
          applianceId: entry.id,
          name: entry.name,
          takenAt: before.takenAt,
          permitsMarks: entitlements?.internalDevelopment === true,
          priced: priceWhatIf({ summary: before, plan: found.plan }, [...counted, ...change]),
          projected: {
            before: projectCounts(before, found, history),
            after: projectCounts(before, { plan: chosen ?? found.plan }, history, after),
          },
          plans: plans.map((plan) => ({
            id: plan.id,
            label: plan.label,
            currency: plan.currency,
            total: totalOf(plan, after),
          })),
          change: planned?.change ?? null,
        };
      });
    },
    plan: ({ applianceId, steps }: { applianceId: string; steps: readonly AccountStep[] }) => {
      const entry = inventory.get(applianceId);
      return withLink(links, entry, async () => ({ change: (await planSteps(entry, steps)).change }));
    },
    /**
     * Makes all steps or none. Rejects if nothing was changed: with CONFLICT, APPLIANCE_LOCKED, LICENCE_FORBIDS and like the
     * driver. After a lost connection, asks the appliance what became of the steps.
     */
    apply: async (request: {
      applianceId: string;
      steps: readonly AccountStep[];
      digest: string;
      reason: string;
    }): Promise<AppliedAccounts> => {
      const entry = inventory.get(request.applianceId);
      const { steps, digest, reason } = request;
      const action = actionOf(entry, accountArgv.apply(digest), describeSteps(steps));
      let isSent = false;
      try {
        await audit.act({ event: 'usage.change', reason, ...action }, async () => {
          inventory.assertUnlocked(entry.id, 'licence');
          await withLink(links, entry, () => {
            isSent = true;
            return driverOf(entry).accounts.apply({ steps, digest });
          });
        });
        return { state: 'done', message: 'All changes are made.' };
      } catch (thrown) {
        const isOpen =
          isSent && thrown instanceof AppError && errorCodes[thrown.code].changedNothing !== true;
        const outcome = isOpen ? await findOutcome(entry, { steps, digest }) : 'not-done';
        if (outcome === 'not-done') throw thrown;
        if (outcome === 'done')
          return { state: 'done', message: 'All changes are made; the connection was lost after them.' };
        return {
          state: 'unknown',
          message: `It is not known whether ${entry.name} made the changes. Plan them again to see what is left to change.`,
        };
      }
    },
  };
}
