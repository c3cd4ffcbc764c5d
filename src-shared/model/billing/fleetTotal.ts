import type { ErrorData } from '../../errors.ts';
import type { Invoice } from './invoice.ts';
import { addAll, decimal } from './rounding.ts';

/** One appliance's invoice, or why it has no invoice. */
export type FleetInvoice =
  | { applianceId: string; invoice: Invoice }
  | { applianceId: string; invoice: null; error: Pick<ErrorData, 'code' | 'message'> };

/** An appliance without an amount. `currency`: null if its plan is not known either. */
type MissingAmount = {
  applianceId: string;
  currency: string | null;
  code: ErrorData['code'];
  reason: string;
};

/**
 * Adds invoices by currency: amounts of different currencies are never added. `isComplete` is false if an appliance has no
 * amount; then `sum` is of the others, and null if there are none.
 */
export function addFleet(fleet: readonly FleetInvoice[]) {
  const missing: MissingAmount[] = [];
  for (const { applianceId, ...entry } of fleet)
    if (entry.invoice === null)
      missing.push({ applianceId, currency: null, code: entry.error.code, reason: entry.error.message });
    else if (!entry.invoice.total.known) {
      const { total, currency } = entry.invoice;
      missing.push({ applianceId, currency, code: total.code, reason: total.reason });
    }
  const invoices = fleet.flatMap(({ invoice }) => invoice ?? []);
  const currencies = [...new Set(invoices.map(({ currency }) => currency))].toSorted();
  const totals = currencies.map((currency) => {
    const own = invoices.filter((invoice) => invoice.currency === currency);
    const known = own.flatMap(({ total }) => (total.known ? [decimal(total.value)] : []));
    return {
      currency,
      sum: known.length === 0 ? null : addAll(known).toFixed(own[0]?.digits ?? 0),
      appliances: known.length,
      isComplete: known.length === own.length,
    };
  });
  return { totals, missing, isComplete: missing.length === 0 };
}
