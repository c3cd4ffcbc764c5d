import { z } from 'zod';
import { formatCount } from '../../base/formatCount.ts';
import { nameChange, percentOf } from './compareInvoices.ts';
import {
  amountSchema,
  formatMoney,
  unknownAmount,
  type Amount,
  type Invoice,
  type InvoiceLine,
} from './invoice.ts';
import { addAll, decimal, decimalOf, divideRounded, formatExact, type Decimal } from './rounding.ts';
import type { ColumnMapping, VendorLine } from './vendorInvoice.ts';

const reconcileStateNames = ['equal', 'differs', 'onlyInvoice', 'onlyPreview', 'unknown'] as const;
type ReconcileState = (typeof reconcileStateNames)[number];

/** How a line of the preview and of the vendor's invoice stand to each other. */
export const reconcileStates: Record<ReconcileState, { mark: string; label: string }> = {
  equal: { mark: '=', label: 'Equal' },
  differs: { mark: '≠', label: 'Differs' },
  onlyInvoice: { mark: '+', label: 'Only on the invoice' },
  onlyPreview: { mark: '−', label: 'Only in the preview' },
  unknown: { mark: '?', label: 'Amount not known' },
};

const reconcileLineSchema = z.object({
  key: z.string().nullable(),
  label: z.string(),
  state: z.enum(reconcileStateNames),
  previewQuantity: z.int().nullable(),
  invoiceQuantity: z.int().nullable(),
  preview: amountSchema.nullable(),
  /** As the invoice states it; null if it has no such line. */
  invoice: z.string().nullable(),
  /** Invoice less preview. */
  difference: amountSchema,
  why: z.string(),
});
type ReconcileLine = z.infer<typeof reconcileLineSchema>;

/** Where a vendor's invoice and a preview differ. */
export const reconciliationSchema = z.object({
  currency: z.string(),
  lines: z.array(reconcileLineSchema),
  invoiceTotal: z.string(),
  previewTotal: amountSchema,
  difference: amountSchema,
  /** Of the preview's total, e.g. `1.9`; null if it is not known or 0. */
  percent: z.string().nullable(),
  /** Lines that are not equal. */
  differing: z.int(),
});
export type Reconciliation = z.infer<typeof reconciliationSchema>;

const zero = decimal(0n);
const normalize = (label: string) => label.toLowerCase().replaceAll(/\s+/gu, ' ').trim();

type VendorSum = { label: string; quantity: number | null; amount: Decimal; lines: number };

/** Adds the vendor's lines that mean the same line of the preview. */
function sumLines(lines: readonly VendorLine[]): VendorSum {
  const quantities = lines.flatMap(({ quantity }) => (quantity === null ? [] : [quantity]));
  return {
    label: lines[0]?.label ?? '',
    quantity:
      quantities.length < lines.length ? null : quantities.reduce((sum, quantity) => sum + quantity, 0),
    amount: addAll(lines.map(({ amount }) => decimal(amount))),
    lines: lines.length,
  };
}

/** The preview's key for each line of the invoice: by the mapping, the key itself, or the same label. */
function createMatcher(preview: Invoice, mapping: ColumnMapping) {
  const keys = new Set(preview.lines.map(({ key }) => key));
  const byLabel = Map.groupBy(preview.lines, ({ label }) => normalize(label));
  return (label: string): string | null => {
    const mapped = mapping.lines[label] ?? label;
    if (keys.has(mapped)) return mapped;
    const alike = byLabel.get(normalize(label)) ?? [];
    return alike.length === 1 ? (alike[0]?.key ?? null) : null;
  };
}

const money = (value: Decimal, { currency, digits }: Invoice) =>
  formatMoney(formatExact(value, digits), currency);

/** Why a line differs, from its quantity and its price. */
function explain(line: InvoiceLine, sum: VendorSum, difference: Decimal, preview: Invoice): string {
  if (sum.quantity === null || line.quantity === null)
    return 'The amounts differ, and the invoice states no quantity.';
  const moved = sum.quantity - line.quantity;
  if (moved === 0) return 'The same quantity at another price, or rounded in another way.';
  const count = Math.abs(moved);
  const more = `${nameChange(moved, line)} on the invoice`;
  if (line.unitPrice === null) return `${more}.`;
  const { days, of } = line.share ?? { days: 1, of: 1 };
  const explained = divideRounded(
    decimal(line.unitPrice).times(decimalOf(count)).times(decimalOf(days)),
    decimalOf(of),
    { rule: 'half-up', digits: preview.digits },
  ).times(decimal(moved < 0 ? -1n : 1n));
  const rest = difference.minus(explained);
  if (rest.eq(zero)) return `${more}, ${line.unitPrice} each.`;
  return `${more}, which explains ${money(explained, preview)}. ${money(rest, preview)} is from another price or rounding.`;
}

/** Names the last kept day on which the appliance counted what the invoice states. */
function findKeptDay(line: InvoiceLine, { quantity }: VendorSum, kept: readonly Invoice[]): string {
  if (quantity === null || quantity === line.quantity) return '';
  const day = kept.findLast((invoice) =>
    invoice.lines.some((own) => own.key === line.key && own.quantity === quantity),
  );
  return day === undefined
    ? ''
    : ` The counts of ${day.takenAt.slice(0, 10)} have ${formatCount(quantity)}, too.`;
}

function compareLine(
  line: InvoiceLine,
  sum: VendorSum | null,
  { preview, kept }: { preview: Invoice; kept: readonly Invoice[] },
): ReconcileLine {
  const shared = {
    key: line.key,
    label: line.label,
    previewQuantity: line.quantity,
    invoiceQuantity: sum?.quantity ?? null,
    preview: line.amount,
    invoice: sum === null ? null : formatExact(sum.amount, preview.digits),
  };
  if (!line.amount.known)
    return { ...shared, state: 'unknown', difference: line.amount, why: line.amount.reason };
  const own = decimal(line.amount.value);
  const difference = (sum?.amount ?? zero).minus(own);
  const amount: Amount = { known: true, value: formatExact(difference, preview.digits) };
  if (sum === null)
    return difference.eq(zero)
      ? { ...shared, state: 'equal', difference: amount, why: 'It costs nothing and is not on the invoice.' }
      : { ...shared, state: 'onlyPreview', difference: amount, why: 'The invoice has no such line.' };
  const sameQuantity = sum.quantity === null || sum.quantity === line.quantity;
  if (difference.eq(zero) && sameQuantity) return { ...shared, state: 'equal', difference: amount, why: '' };
  const parts = sum.lines === 1 ? '' : ` Sum of ${sum.lines} lines of the invoice.`;
  const why = `${explain(line, sum, difference, preview)}${findKeptDay(line, sum, kept)}${parts}`;
  return { ...shared, state: 'differs', difference: amount, why };
}

function onlyOnInvoice(sum: VendorSum, { plan, digits }: Invoice): ReconcileLine {
  return {
    key: null,
    label: sum.label,
    state: 'onlyInvoice',
    previewQuantity: null,
    invoiceQuantity: sum.quantity,
    preview: null,
    invoice: formatExact(sum.amount, digits),
    difference: { known: true, value: formatExact(sum.amount, digits) },
    why: `The plan “${plan.label}” has no such line.`,
  };
}

/**
 * Where the vendor's invoice and the preview differ, line by line. The lines' differences add up to the difference of the
 * totals. Read the invoice in the preview's currency with `readVendorInvoice`. `kept`: invoices of the month's kept counts,
 * oldest first.
 */
export function reconcile(
  preview: Invoice,
  vendorLines: readonly VendorLine[],
  mapping: ColumnMapping,
  kept: readonly Invoice[] = [],
): Reconciliation {
  const keyOf = createMatcher(preview, mapping);
  const matched = Map.groupBy(vendorLines, ({ label }) => keyOf(label) ?? `\0${normalize(label)}`);
  const lines = preview.lines.map((line) => {
    const own = matched.get(line.key);
    return compareLine(line, own === undefined ? null : sumLines(own), { preview, kept });
  });
  const keys = new Set(preview.lines.map(({ key }) => key));
  for (const [key, own] of matched) if (!keys.has(key)) lines.push(onlyOnInvoice(sumLines(own), preview));
  const invoiceTotal = addAll(vendorLines.map(({ amount }) => decimal(amount)));
  const difference: Amount = preview.total.known
    ? { known: true, value: formatExact(invoiceTotal.minus(decimal(preview.total.value)), preview.digits) }
    : unknownAmount(preview.total.code, preview.total.reason);
  return {
    currency: preview.currency,
    lines,
    invoiceTotal: formatExact(invoiceTotal, preview.digits),
    previewTotal: preview.total,
    difference,
    percent: percentOf(difference, preview.total),
    differing: lines.filter(({ state }) => state !== 'equal').length,
  };
}
