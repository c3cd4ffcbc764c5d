import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { BillingPlan } from '../../src-shared/model/billing/billingPlan.ts';
import { priceMonth } from '../../src-shared/model/billing/priceMonth.ts';
import type { UsageSummary } from '../../src-shared/model/usage/usageSummary.ts';
import { ageSecondsOf, isOfItsMonth, type KeptCounts, type KeptCountsStore } from './keptCounts.ts';
import { problemOf } from './previewUsage.ts';
import { readCounts, type FoundPlan, type ReadCounts, type UsageLinks } from './readCounts.ts';

type Options = { links: UsageLinks; kept: KeptCountsStore; clock: () => number };
type Counts = { summary: UsageSummary; source: 'appliance' | 'kept'; error: AppError | null };

/** The counts of the appliance, or else the last kept ones for the month. Throws the appliance's error without these. */
function chooseCounts(counts: ReadCounts, findKept: () => KeptCounts | null): Counts {
  if (counts.summary !== null && counts.summary.cutShort === null)
    return { summary: counts.summary, source: 'appliance', error: null };
  const error =
    counts.summary === null
      ? counts.error
      : new AppError('BILLING_COUNTS_INCOMPLETE', counts.summary.cutShort ?? '', {
          detail: { month: counts.summary.month },
        });
  const kept = findKept();
  if (kept === null) throw error;
  return { summary: kept.summary, source: 'kept', error };
}

/**
 * The plan that applied in a month: that of the licence for the present one, otherwise the one that was kept in it. If none was
 * kept, that of the licence. Throws why it is missing.
 */
function choosePlan(
  summary: UsageSummary,
  found: FoundPlan,
  kept: readonly KeptCounts[],
): { plan: BillingPlan; planSource: 'licence' | 'kept' } {
  const own = kept.filter((counts) => isOfItsMonth(counts.summary) && counts.plan !== null).at(-1);
  const keptPlan = own?.plan ?? null;
  if (keptPlan !== null && (found.plan === null || !isOfItsMonth(summary)))
    return { plan: keptPlan, planSource: 'kept' };
  if (found.plan === null) throw found.error;
  return { plan: found.plan, planSource: 'licence' };
}

/**
 * The invoice of a month by counts that were read, or by the last kept ones if the appliance can't count now; then `error`
 * says why. Throws that error if none are kept, and the errors of pricing.
 */
export function priceRead(
  { kept, clock }: Pick<Options, 'kept' | 'clock'>,
  entry: ApplianceEntry,
  read: { month: string | null; counts: ReadCounts; plan: FoundPlan },
) {
  const { summary, source, error } = chooseCounts(read.counts, () => kept.latest(entry.id, read.month));
  const { plan, planSource } = choosePlan(summary, read.plan, kept.list(entry.id, summary.month));
  return {
    plan,
    summary,
    side: {
      month: summary.month,
      takenAt: summary.takenAt,
      ageSeconds: ageSecondsOf(summary, clock()),
      source,
      planSource,
      error: error === null ? null : problemOf(error),
      invoice: priceMonth(plan, summary),
    },
  };
}

/** Reads a month and prices it. Null is the appliance's present month. Throws like `priceRead`. */
export async function priceOneMonth(options: Options, entry: ApplianceEntry, month: string | null) {
  return priceRead(options, entry, { month, ...(await readCounts(options, entry, month)) });
}
