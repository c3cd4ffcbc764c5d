import { AppError, toErrorData } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { Invoice } from '../../src-shared/model/billing/invoice.ts';
import { priceMonth } from '../../src-shared/model/billing/priceMonth.ts';
import { projectMonth } from '../../src-shared/model/billing/projectMonth.ts';
import type { UsageSummary } from '../../src-shared/model/usage/usageSummary.ts';
import { ageSecondsOf, isOfItsMonth, type KeptCounts, type KeptCountsStore } from './keptCounts.ts';
import { readCounts, type FoundPlan, type ReadCounts, type UsageLinks } from './readCounts.ts';

type Problem = { code: ReturnType<typeof toErrorData>['code']; message: string };
export type Priced = { invoice: Invoice; error: null } | { invoice: null; error: Problem };

export const problemOf = (thrown: unknown): Problem => {
  const { code, message } = toErrorData(thrown);
  return { code, message };
};

/** The invoice, or why it is missing. */
export function priceCounts(summary: UsageSummary, found: FoundPlan): Priced {
  if (found.plan === null) return { invoice: null, error: problemOf(found.error) };
  try {
    return { invoice: priceMonth(found.plan, summary), error: null };
  } catch (thrown) {
    if (thrown instanceof AppError) return { invoice: null, error: problemOf(thrown) };
    throw thrown;
  }
}

/**
 * The invoice to expect at the end of a month that has not ended, also after `assumed` changes of the counts. Null for other
 * counts, or without a plan.
 */
export function projectCounts(
  summary: UsageSummary,
  { plan }: FoundPlan,
  kept: readonly KeptCounts[],
  assumed: UsageSummary = summary,
) {
  if (plan === null || summary.cutShort !== null || !isOfItsMonth(summary)) return null;
  const snapshots = kept.map((counts) => counts.summary).filter(isOfItsMonth);
  const { month } = summary;
  return projectMonth({ plan, month, snapshots: [...snapshots, summary], assumed }).projection;
}

/** The last complete counts with their age and invoice. */
function describeLastGood(kept: KeptCounts, found: FoundPlan, now: number) {
  const { summary } = kept;
  const plan = found.plan ?? kept.plan;
  return {
    month: summary.month,
    takenAt: summary.takenAt,
    ageSeconds: ageSecondsOf(summary, now),
    summary,
    ...priceCounts(summary, plan === null ? found : { plan }),
  };
}

const problemOfCounts = (counts: ReadCounts, { error }: Priced): Problem | null => {
  if (counts.summary === null) return problemOf(counts.error);
  if (error !== null || counts.summary.cutShort === null) return error;
  return { code: 'BILLING_COUNTS_INCOMPLETE', message: counts.summary.cutShort };
};

/**
 * Prices what an appliance counts now. `error` says why there is no invoice or no total, and then `lastGood` has the last
 * complete counts for the month; null if none are kept. Rejects with what is no AppError.
 */
export async function previewUsage(
  options: { links: UsageLinks; kept: KeptCountsStore; clock: () => number },
  entry: ApplianceEntry,
  month: string | null,
) {
  const { kept, clock } = options;
  const { plan, counts } = await readCounts(options, entry, month);
  const priced: Priced =
    counts.summary === null
      ? { invoice: null, error: problemOf(counts.error) }
      : priceCounts(counts.summary, plan);
  const error = problemOfCounts(counts, priced);
  const lastGood = error === null ? null : kept.latest(entry.id, counts.summary?.month ?? month);
  return {
    applianceId: entry.id,
    name: entry.name,
    summary: counts.summary,
    invoice: priced.invoice,
    error,
    projection:
      counts.summary === null || priced.invoice === null
        ? null
        : projectCounts(counts.summary, plan, kept.list(entry.id)),
    lastGood: lastGood === null ? null : describeLastGood(lastGood, plan, clock()),
  };
}
export type UsagePreview = Awaited<ReturnType<typeof previewUsage>>;
