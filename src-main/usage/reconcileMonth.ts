import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { BillingPlan } from '../../src-shared/model/billing/billingPlan.ts';
import type { Invoice } from '../../src-shared/model/billing/invoice.ts';
import { reconcile } from '../../src-shared/model/billing/reconcile.ts';
import { readVendorInvoice, type ColumnMapping } from '../../src-shared/model/billing/vendorInvoice.ts';
import { isOfItsMonth, type KeptCountsStore } from './keptCounts.ts';
import { priceCounts } from './previewUsage.ts';
import { priceOneMonth } from './pricedMonth.ts';
import type { UsageLinks } from './readCounts.ts';

/** The invoices that followed from the kept counts of the month's days, oldest first. Days without an amount are left out. */
function priceKeptDays(
  kept: KeptCountsStore,
  applianceId: string,
  side: { month: string; plan: BillingPlan },
) {
  return kept
    .list(applianceId, side.month)
    .filter(({ summary }) => isOfItsMonth(summary))
    .flatMap(({ summary }): Invoice[] => {
      const { invoice } = priceCounts(summary, { plan: side.plan });
      return invoice === null ? [] : [invoice];
    });
}

/**
 * Compares a vendor's invoice with the month's counts, by the plan that applied. `text` is its CSV file. Uses the last kept
 * counts if the appliance can't count now. Throws BILLING_INVOICE_UNREADABLE with the line and the column,
 * BILLING_CURRENCIES_DIFFER, INVALID_INPUT for a mapping to a line that the preview lacks, and like `priceOneMonth`.
 */
export async function reconcileMonth(
  options: { links: UsageLinks; kept: KeptCountsStore; clock: () => number },
  entry: ApplianceEntry,
  request: { month: string; text: string; mapping: ColumnMapping },
) {
  const { month, text, mapping } = request;
  const { plan, side } = await priceOneMonth(options, entry, month);
  const keys = side.invoice.lines.map(({ key }) => key);
  const unknown = Object.values(mapping.lines).find((key) => key !== null && !keys.includes(key));
  if (unknown !== undefined)
    throw new AppError('INVALID_INPUT', `The preview has no line “${unknown}”. It has: ${keys.join(', ')}.`, {
      detail: { field: 'lines', keys },
    });
  const vendorLines = readVendorInvoice(text, mapping, side.invoice.currency);
  const kept = priceKeptDays(options.kept, entry.id, { month, plan });
  return {
    applianceId: entry.id,
    name: entry.name,
    ...side,
    reconciliation: reconcile(side.invoice, vendorLines, mapping, kept),
  };
}
export type ReconciledMonth = Awaited<ReturnType<typeof reconcileMonth>>;
