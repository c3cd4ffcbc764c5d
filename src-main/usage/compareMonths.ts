import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { compareInvoices } from '../../src-shared/model/billing/compareInvoices.ts';
import { priceMonth } from '../../src-shared/model/billing/priceMonth.ts';
import { monthBefore } from '../../src-shared/model/usage/usageMonth.ts';
import type { UsageSummary } from '../../src-shared/model/usage/usageSummary.ts';
import { isOfItsMonth, type KeptCounts, type KeptCountsStore } from './keptCounts.ts';
import { problemOf } from './previewUsage.ts';
import { readCounts, type FoundPlan, type ReadCounts, type UsageLinks } from './readCounts.ts';

type Side = { summary: UsageSummary; source: 'appliance' | 'kept'; error: AppError | null };

/** The counts of the appliance, or else the last kept ones for the month. Throws the appliance's error without these. */
function chooseCounts(counts: ReadCounts, findKept: () => KeptCounts | null): Side {
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
function choosePlan(summary: UsageSummary, found: FoundPlan, kept: readonly KeptCounts[]) {
  const own = kept.filter((counts) => isOfItsMonth(counts.summary) && counts.plan !== null).at(-1);
  const keptPlan = own?.plan ?? null;
  if (keptPlan !== null && (found.plan === null || !isOfItsMonth(summary)))
    return { plan: keptPlan, planSource: 'kept' as const };
  if (found.plan === null) throw found.error;
  return { plan: found.plan, planSource: 'licence' as const };
}

/**
 * Why the bill of `month` differs from that of `against`: lines with quantity and price effects that add up. Uses the last
 * kept counts if the appliance can't count now; then `error` of that side says why. Throws that error if none are kept, and
 * the errors of pricing.
 */
export async function compareMonths(
  options: { links: UsageLinks; kept: KeptCountsStore; clock: () => number },
  entry: ApplianceEntry,
  months: { month: string | null; against: string | null },
) {
  const { kept, clock } = options;
  const latest = await readCounts(options, entry, months.month);
  const after = chooseCounts(latest.counts, () => kept.latest(entry.id, months.month));
  const against = months.against ?? monthBefore(after.summary.month);
  const earlier = await readCounts(options, entry, against);
  const before = chooseCounts(earlier.counts, () => kept.latest(entry.id, against));
  const describe = ({ summary, source, error }: Side) => {
    const { plan, planSource } = choosePlan(summary, latest.plan, kept.list(entry.id, summary.month));
    return {
      month: summary.month,
      takenAt: summary.takenAt,
      ageSeconds: Math.max(0, Math.round((clock() - Date.parse(summary.takenAt)) / 1000)),
      source,
      planSource,
      error: error === null ? null : problemOf(error),
      invoice: priceMonth(plan, summary),
    };
  };
  const sides = { before: describe(before), after: describe(after) };
  return {
    applianceId: entry.id,
    name: entry.name,
    ...sides,
    comparison: compareInvoices(sides.before.invoice, sides.after.invoice),
  };
}
export type MonthComparison = Awaited<ReturnType<typeof compareMonths>>;
