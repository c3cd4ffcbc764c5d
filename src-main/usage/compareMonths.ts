import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { compareInvoices } from '../../src-shared/model/billing/compareInvoices.ts';
import type { KeptCountsStore } from './keptCounts.ts';
import { priceOneMonth } from './pricedMonth.ts';
import type { UsageLinks } from './readCounts.ts';

/** The month before, in UTC. */
function monthBefore(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 2)).toISOString().slice(0, 7);
}

/**
 * Why the bill of `month` differs from that of `against`: lines with quantity and price effects that add up. Uses the last
 * kept counts if the appliance can't count now; then `error` of that side says why. Throws like `priceOneMonth`.
 */
export async function compareMonths(
  options: { links: UsageLinks; kept: KeptCountsStore; clock: () => number },
  entry: ApplianceEntry,
  months: { month: string | null; against: string | null },
) {
  const { side: after } = await priceOneMonth(options, entry, months.month);
  const { side: before } = await priceOneMonth(options, entry, months.against ?? monthBefore(after.month));
  return {
    applianceId: entry.id,
    name: entry.name,
    before,
    after,
    comparison: compareInvoices(before.invoice, after.invoice),
  };
}
export type MonthComparison = Awaited<ReturnType<typeof compareMonths>>;
