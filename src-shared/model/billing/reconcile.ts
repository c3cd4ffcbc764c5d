import { nameChange } from './compareInvoices.ts';
import { formatMoney, unknownAmount, type Amount, type Invoice, type InvoiceLine } from './invoice.ts';
import { addAll, decimal, decimalOf, divideRounded, formatExact, type Decimal } from './rounding.ts';
import type { ColumnMapping, VendorLine } from './vendorInvoice.ts';

/** How a line of the preview and of the vendor's invoice stand to each other. */
export const reconcileStates = {
  equal: { mark: '=', label: 'Equal' },
  differs: { mark: '≠', label: 'Differs' },
  onlyInvoice: { mark: '+', label: 'Only on the invoice' },
  onlyPreview: { mark: '−', label: 'Only in the preview' },
  unknown: { mark: '?', label: 'Amount not known' },
} as const;
type ReconcileState = keyof typeof reconcileStates;

type ReconcileLine = {
  key: string | null;
  label: string;
  state: ReconcileState;
  previewQuantity: number | null;
  invoiceQuantity: number | null;
  preview: Amount | null;
  /** As the invoice states it; null if it has no such line. */
  invoice: string | null;
  /** Invoice less preview. */
  difference: Amount;
  why: string;
};

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

function compareLine(line: InvoiceLine, sum: VendorSum | null, preview: Invoice): ReconcileLine {
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
  const why = `${explain(line, sum, difference, preview)}${parts}`;
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
 * totals. Read the invoice in the preview's currency with `readVendorInvoice`.
 */
export function reconcile(preview: Invoice, vendorLines: readonly VendorLine[], mapping: ColumnMapping) {
  const keyOf = createMatcher(preview, mapping);
  const matched = Map.groupBy(vendorLines, ({ label }) => keyOf(label) ?? `\0${normalize(label)}`);
  const lines = preview.lines.map((line) => {
    const own = matched.get(line.key);
    return compareLine(line, own === undefined ? null : sumLines(own), preview);
  });
  const keys = new Set(preview.lines.map(({ key }) => key));
  for (const [key, own] of matched) if (!keys.has(key)) lines.push(onlyOnInvoice(sumLines(own), preview));
  const invoiceTotal = addAll(vendorLines.map(({ amount }) => decimal(amount)));
  const difference: Amount = preview.total.known
    ? { known: true, value: formatExact(invoiceTotal.minus(decimal(preview.total.value)), preview.digits) }
    : unknownAmount(preview.total.code, preview.total.reason);
  return {
    lines,
    invoiceTotal: formatExact(invoiceTotal, preview.digits),
    previewTotal: preview.total,
    difference,
    differing: lines.filter(({ state }) => state !== 'equal').length,
  };
}
