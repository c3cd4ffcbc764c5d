import { AppError, exitCodeOf } from '../../../../../src-shared/errors.ts';
import { formatCount } from '../../../../../src-shared/base/formatCount.ts';
import { formatInstant } from '../../../../../src-shared/base/time.ts';
import { exitCodes } from '../../../../../src-shared/exitCodes.ts';
import { formatMoney } from '../../../../../src-shared/model/billing/invoice.ts';
import { reconcileStates, type Reconciliation } from '../../../../../src-shared/model/billing/reconcile.ts';
import { completeMapping, suggestMapping } from '../../../../../src-shared/model/billing/suggestMapping.ts';
import { maxVendorBytes, type ColumnMapping } from '../../../../../src-shared/model/billing/vendorInvoice.ts';
import type { ReconciledMonth } from '../../../../usage/reconcileMonth.ts';
import { readTableFile } from '../../files.ts';
import { formatTable } from '../../output.ts';
import { untilStopped } from '../../stopSignal.ts';
import { findAppliance, withConsole, type Globals } from '../../withConsole.ts';
import { formatAge, formatAmount } from './usageText.ts';

export type ReconcileOptions = {
  invoice: string;
  month: string;
  map?: Partial<ColumnMapping['columns']>;
  decimal?: ColumnMapping['decimalSeparator'];
  sign?: ColumnMapping['signs'];
  line?: ColumnMapping['lines'];
  leaveOut?: string[];
};

/** The mapping of the options, completed by what the file certainly says. Throws INVALID_INPUT for what is missing. */
export function chooseMapping(text: string, options: Omit<ReconcileOptions, 'invoice' | 'month'>) {
  const { map = {}, decimal, sign: signs = {}, line = {}, leaveOut = [] } = options;
  const suggestion = suggestMapping(text, map);
  if (suggestion.problem !== null)
    throw new AppError('BILLING_INVOICE_UNREADABLE', suggestion.problem, {
      detail: { line: null, column: null },
    });
  const { names, columns } = suggestion;
  const decimalSeparator = decimal ?? suggestion.decimalSeparator;
  const lines = { ...line, ...Object.fromEntries(leaveOut.map((label) => [label, null])) };
  const mapping = completeMapping({ columns, decimalSeparator }, { signs, lines });
  if (mapping !== null) return mapping;
  if (columns.label === null || columns.amount === null)
    throw new AppError(
      'INVALID_INPUT',
      `Name the columns: --map 'line=COLUMN,amount=COLUMN'. The file has: ${names.join(', ')}.`,
    );
  throw new AppError(
    'INVALID_INPUT',
    decimalSeparator === null
      ? `The amounts can be read in two ways. Add --decimal , or --decimal . for the sign before the decimal places.`
      : 'A name in the mapping is empty or too long.',
  );
}

const countOrDash = (quantity: number | null) => (quantity === null ? '–' : formatCount(quantity));

function formatLines({ lines, currency }: Reconciliation): string {
  return formatTable(
    ['', 'LINE', 'PREVIEW', 'INVOICE', 'PREVIEW', 'INVOICE', 'DIFFERENCE', 'WHY'],
    lines.map((line) => [
      reconcileStates[line.state].mark,
      line.label,
      countOrDash(line.previewQuantity),
      countOrDash(line.invoiceQuantity),
      line.preview === null ? null : formatAmount(line.preview, currency),
      line.invoice === null ? null : formatMoney(line.invoice, currency),
      formatAmount(line.difference, currency),
      line.why,
    ]),
  );
}

function formatReconciliation({
  name,
  month,
  source,
  takenAt,
  ageSeconds,
  reconciliation,
  ...side
}: ReconciledMonth) {
  const { currency, invoiceTotal, previewTotal, difference, percent, differing } = reconciliation;
  const counts = `${source === 'appliance' ? 'counted' : 'kept counts of'} ${formatInstant(takenAt)}, ${formatAge(ageSeconds)} old`;
  const plan = side.planSource === 'kept' ? ', plan of that month' : '';
  return [
    `${name}, ${month} (${counts}${plan})`,
    formatLines(reconciliation),
    `Invoice: ${formatMoney(invoiceTotal, currency)}. Preview: ${formatAmount(previewTotal, currency)}. Difference: ${formatAmount(difference, currency)}${percent === null ? '' : ` (${percent} %)`}.`,
    differing === 0 ? 'All lines are equal.' : `Lines that differ: ${formatCount(differing)}.`,
  ].join('\n');
}

/** `differs` for any line that is not equal, also if the totals are the same; the code of an error for an unknown amount. */
export function exitCodeOfReconciled({
  reconciliation,
  error,
}: Pick<ReconciledMonth, 'reconciliation' | 'error'>) {
  const { difference, differing } = reconciliation;
  if (!difference.known) return exitCodeOf(difference.code);
  if (differing > 0) return exitCodes.differs;
  return error === null ? exitCodes.done : exitCodeOf(error.code);
}

/** Prints where a vendor's invoice differs, line by line. */
export function reconcileUsage(globals: Globals, name: string, options: ReconcileOptions): Promise<number> {
  return withConsole(globals, async (services) => {
    const { output } = globals;
    const { id: applianceId } = findAppliance(services, name);
    const text = readTableFile(options.invoice, maxVendorBytes);
    const request = { applianceId, month: options.month, text, mapping: chooseMapping(text, options) };
    const reconciled = await untilStopped(() => services.usage.reconcile(request));
    const { error } = reconciled;
    if (error !== null) output.printError(`sallyport: ${name}: ${error.message} (${error.code})`);
    output.print(reconciled, () => formatReconciliation(reconciled));
    return exitCodeOfReconciled(reconciled);
  });
}
