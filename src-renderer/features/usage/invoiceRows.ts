import type { UsageComparison, UsagePreviewView } from '../../../src-shared/contract/usage.ts';
import type { LineChange } from '../../../src-shared/model/billing/compareInvoices.ts';
import type { ConnectorChange } from '../../../src-shared/model/billing/connectorChanges.ts';
import type { Amount, Invoice, InvoiceLine } from '../../../src-shared/model/billing/invoice.ts';

/** A line of the table: what it has now, what is expected, and what the month before had. Null: no such line. */
export type InvoiceRow = {
  key: string;
  label: string;
  line: InvoiceLine;
  toDate: Amount | null;
  projected: Amount | null;
  before: Amount | null;
  change: LineChange | null;
  causes: readonly ConnectorChange[];
};

const linesByKey = (invoice: Invoice | null) => new Map(invoice?.lines.map((line) => [line.key, line]) ?? []);

/** The projected invoice. Null if it is not known, and from the last day of the month on. */
export function projectedInvoice({ projection }: Pick<UsagePreviewView, 'projection'>) {
  return projection?.known === true && projection.daysLeft > 0 ? projection.invoice : null;
}

/** The change against the month before: of the projected amounts, or else of those to date. */
export function shownComparison(compared: UsageComparison) {
  return compared.projected ?? compared.comparison;
}

/** All lines of the month, of its projected end, and of the month before, in this order. */
export function invoiceRows(
  invoice: Invoice,
  projected: Invoice | null,
  compared: UsageComparison | null,
): InvoiceRow[] {
  const now = linesByKey(invoice);
  const expected = linesByKey(projected);
  const before = linesByKey(compared?.before.invoice ?? null);
  const changes = new Map(
    compared === null ? [] : shownComparison(compared).lines.map((line) => [line.key, line]),
  );
  const keys = new Set([...now.keys(), ...expected.keys(), ...before.keys()]);
  return [...keys].flatMap((key) => {
    const line = now.get(key) ?? expected.get(key) ?? before.get(key);
    if (line === undefined) return [];
    return [
      {
        key,
        label: line.label,
        line: now.has(key) ? line : { ...line, quantity: 0, units: 0 },
        toDate: now.get(key)?.amount ?? null,
        projected: expected.get(key)?.amount ?? null,
        before: before.get(key)?.amount ?? null,
        change: changes.get(key) ?? null,
        causes: compared?.causes[key] ?? [],
      },
    ];
  });
}
