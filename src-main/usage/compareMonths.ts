import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { ageMs } from '../../src-shared/base/time.ts';
import { compareInvoices, type InvoiceComparison } from '../../src-shared/model/billing/compareInvoices.ts';
import { findConnectorChanges } from '../../src-shared/model/billing/connectorChanges.ts';
import type { Invoice } from '../../src-shared/model/billing/invoice.ts';
import { priceMonth } from '../../src-shared/model/billing/priceMonth.ts';
import type { UsageSummary } from '../../src-shared/model/usage/usageSummary.ts';
import { isOfItsMonth, type KeptCounts, type KeptCountsStore } from './keptCounts.ts';
import { problemOf, projectCounts } from './previewUsage.ts';
import { readCounts, type FoundPlan, type ReadCounts, type UsageLinks } from './readCounts.ts';

/** The month before, in UTC. */
export function monthBefore(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 2)).toISOString().slice(0, 7);
}

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

/** The kept counts of the last moments, which need not be counted again. Null if there are none. */
function findRecent(
  { kept, clock }: { kept: KeptCountsStore; clock: () => number },
  { applianceId, month, reuseForMs }: { applianceId: string; month: string | null; reuseForMs: number },
) {
  const latest = kept.latest(applianceId, month);
  if (latest === null || latest.plan === null) return null;
  if (ageMs(latest.summary.takenAt, clock()) >= reuseForMs) return null;
  return { plan: { plan: latest.plan }, counts: { summary: latest.summary } };
}

/** The connectors behind each line that has other units than before. */
function findCauses(
  { lines }: InvoiceComparison,
  counts: Parameters<typeof findConnectorChanges>[0],
  [before, after]: readonly [Invoice, Invoice],
) {
  const selections = new Map([...before.lines, ...after.lines].map(({ key, selection }) => [key, selection]));
  return Object.fromEntries(
    lines.flatMap((line) => {
      if (line.quantityBefore === line.quantityAfter) return [];
      const selection = selections.get(line.key) ?? null;
      const changes = findConnectorChanges(counts, { line, selection }, after);
      return changes.length === 0 ? [] : [[line.key, changes]];
    }),
  );
}

/**
 * Why the bill of `month` differs from that of `against`: lines with quantity and price effects that add up. Uses the last
 * kept counts if the appliance can't count now; then `error` of that side says why. Counts of the last `reuseForMs` are not
 * read again. Throws the appliance's error if none are kept, and the errors of pricing.
 */
export async function compareMonths(
  options: { links: UsageLinks; kept: KeptCountsStore; clock: () => number },
  entry: ApplianceEntry,
  months: { month: string | null; against: string | null; reuseForMs?: number },
) {
  const { kept, clock } = options;
  const { month, reuseForMs = 0 } = months;
  const latest =
    findRecent(options, { applianceId: entry.id, month, reuseForMs }) ??
    (await readCounts(options, entry, month));
  const after = chooseCounts(latest.counts, () => kept.latest(entry.id, month));
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
  const projection = projectCounts(after.summary, latest.plan, kept.list(entry.id));
  const expected = projection?.known === true ? projection : null;
  const comparison = compareInvoices(sides.before.invoice, sides.after.invoice);
  const projected = expected === null ? null : compareInvoices(sides.before.invoice, expected.invoice);
  return {
    applianceId: entry.id,
    name: entry.name,
    ...sides,
    comparison,
    projected,
    causes: findCauses(
      projected ?? comparison,
      {
        before: before.summary,
        now: after.summary,
        expected: expected?.counts ?? null,
        days: kept
          .list(entry.id, after.summary.month)
          .map(({ summary }) => summary)
          .filter(isOfItsMonth),
      },
      [sides.before.invoice, expected?.invoice ?? sides.after.invoice],
    ),
  };
}
export type MonthComparison = Awaited<ReturnType<typeof compareMonths>>;
