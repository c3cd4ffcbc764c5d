import { AppError } from '../../src-shared/errors.ts';
import { findPlan, type BillingPlan } from '../../src-shared/model/billing/billingPlan.ts';
import { licenceStates, type LicenceShowOutput } from '../../src-shared/model/licence/licence.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { UsageSummary } from '../../src-shared/model/usage/usageSummary.ts';
import type { Driver } from '../driver/driver.ts';
import type { Links } from '../links/links.ts';
import { withLink } from '../links/withLink.ts';
import type { KeptCountsStore } from './keptCounts.ts';

/** What usage needs of the links. */
export type UsageLinks = Pick<Links, 'hold' | 'waitUntilSettled'> & {
  of: (entryId: string) => { driver: Pick<Driver, 'licence' | 'usage'> };
};

/** The plan, or why it is missing. */
export type FoundPlan = { plan: BillingPlan } | { plan: null; error: AppError };
/** The counts now, or why they are missing. */
export type ReadCounts = { summary: UsageSummary } | { summary: null; error: AppError };

export function findLicensedPlan({ state, entitlements, plans }: LicenceShowOutput): FoundPlan {
  if (entitlements === null)
    return {
      plan: null,
      error: new AppError(
        'BILLING_PLAN_MISSING',
        `The licence is ${licenceStates[state].label}, so no price plan is known.`,
        { detail: { plan: null, known: [] } },
      ),
    };
  try {
    return { plan: findPlan(plans, entitlements.plan) };
  } catch (error) {
    if (error instanceof AppError) return { plan: null, error };
    throw error;
  }
}

/** Runs `work` and resolves with its error. Rejects with what is no AppError. */
export async function orError<Result>(work: () => Promise<Result>): Promise<Result | AppError> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
}

/**
 * Asks an appliance for its plan and for the counts of a month, and keeps complete counts. Null is its present month.
 * Resolves with an error for each part that failed.
 */
export async function readCounts(
  { links, kept }: { links: UsageLinks; kept: KeptCountsStore },
  entry: ApplianceEntry,
  month: string | null,
): Promise<{ plan: FoundPlan; counts: ReadCounts }> {
  const result = await orError(() =>
    withLink(links, entry, async () => {
      const { driver } = links.of(entry.id);
      const licence = await orError(() => driver.licence());
      const plan = licence instanceof AppError ? { plan: null, error: licence } : findLicensedPlan(licence);
      const summary = await orError(() => driver.usage.summary(month));
      if (summary instanceof AppError) return { plan, counts: { summary: null, error: summary } };
      kept.keep(entry.id, { summary, plan: plan.plan });
      return { plan, counts: { summary } };
    }),
  );
  if (!(result instanceof AppError)) return result;
  return { plan: { plan: null, error: result }, counts: { summary: null, error: result } };
}
