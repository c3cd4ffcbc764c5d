import { formatCsvTable } from '../../base/csvCell.ts';
import { formatCount } from '../../base/formatCount.ts';
import { formatMoney, type Amount, type Invoice } from './invoice.ts';
import type { Reconciliation } from './reconcile.ts';

const csvAmount = (amount: Amount | null) => (amount?.known === true ? amount.value : null);

/** The lines that are not equal, as CSV. */
export function formatDifferences({ lines, currency }: Reconciliation): string {
  const names = ['line', 'preview_quantity', 'invoice_quantity', 'preview', 'invoice', 'difference'];
  const rows = lines
    .filter(({ state }) => state !== 'equal')
    .map((line) => [
      line.label,
      line.previewQuantity,
      line.invoiceQuantity,
      csvAmount(line.preview),
      line.invoice,
      csvAmount(line.difference),
      currency,
      line.why,
    ]);
  return `${formatCsvTable([...names, 'currency', 'why'], rows)}\r\n`;
}

const formatQuantity = (count: number | null) => (count === null ? '' : `, quantity ${formatCount(count)}`);

/** A question to the vendor about the lines that are not equal, as plain text. It names no account. */
export function writeVendorQuestion(
  { lines, currency, invoiceTotal, previewTotal }: Reconciliation,
  { applianceId, month, plan }: Pick<Invoice, 'applianceId' | 'month' | 'plan'>,
): string {
  const own = (amount: Amount | null) =>
    amount === null ? 'no such line' : amount.known ? formatMoney(amount.value, currency) : amount.reason;
  const questions = lines
    .filter(({ state }) => state !== 'equal')
    .map(
      (line) =>
        `- ${line.label}: your invoice ${line.invoice === null ? 'has no such line' : formatMoney(line.invoice, currency)}${formatQuantity(line.invoiceQuantity)}; our count ${own(line.preview)}${formatQuantity(line.previewQuantity)}.`,
    );
  return [
    `Appliance ${applianceId}, ${month}, plan “${plan.label}” (${plan.id})`,
    `Your invoice totals ${formatMoney(invoiceTotal, currency)}. Our count by the plan of the licence totals ${own(previewTotal)}.`,
    'Please explain these lines:',
    ...questions,
    '',
  ].join('\n');
}
