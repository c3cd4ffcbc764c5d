import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { ageMs } from '../../src-shared/base/time.ts';
import { compareInvoices, type InvoiceComparison } from '../../src-shared/model/billing/compareInvoices.ts';
import { findConnectorChanges } from '../../src-shared/model/billing/connectorChanges.ts';
import type { Invoice } from '../../src-shared/model/billing/invoice.ts';
import { monthBefore } from '../../src-shared/model/usage/usageMonth.ts';
import { isOfItsMonth, type KeptCountsStore } from './keptCounts.ts';
import { projectCounts } from './previewUsage.ts';
import { priceRead } from './pricedMonth.ts';
import { readCounts, type UsageLinks } from './readCounts.ts';

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
  const { month, reuseForMs = 0 } = months;
  const latest =
    findRecent(options, { applianceId: entry.id, month, reuseForMs }) ??
    (await readCounts(options, entry, month));
  const after = priceRead(options, entry, { month, ...latest });
  const against = months.against ?? monthBefore(after.side.month);
  const { counts } = await readCounts(options, entry, against);
  const before = priceRead(options, entry, { month: against, counts, plan: latest.plan });
  const projection = projectCounts(after.summary, latest.plan, options.kept.list(entry.id));
  const expected = projection?.known === true ? projection : null;
  const invoices = { before: before.side.invoice, after: after.side.invoice };
  const comparison = compareInvoices(invoices.before, invoices.after);
  const projected = expected === null ? null : compareInvoices(invoices.before, expected.invoice);
  return {
    applianceId: entry.id,
    name: entry.name,
    before: before.side,
    after: after.side,
    comparison,
    projected,
    causes: findCauses(
      projected ?? comparison,
      {
        before: before.summary,
        now: after.summary,
        expected: expected?.counts ?? null,
        days: options.kept
          .list(entry.id, after.summary.month)
          .map(({ summary }) => summary)
          .filter(isOfItsMonth),
      },
      [invoices.before, expected?.invoice ?? invoices.after],
    ),
  };
}
export type MonthComparison = Awaited<ReturnType<typeof compareMonths>>;
