import { z } from 'zod';
import { normalizeColumnName, readCsvFile, type CsvRecord } from '../../base/csvFile.ts';
import { shorten } from '../../base/machineText.ts';
import { AppError } from '../../errors.ts';
import { requireSameCurrency } from './compareInvoices.ts';
import { decimal } from './rounding.ts';
import { findColumnCurrency, findStatedCurrency, splitAmount } from './statedCurrency.ts';

const columnSchema = z.string().trim().min(1).max(64);
const maxVendorLines = 2000;
export const maxVendorBytes = 1024 ** 2;

/** Which columns of a vendor's CSV have what, and how it writes numbers. */
export const columnMappingSchema = z.strictObject({
  columns: z.strictObject({
    label: columnSchema,
    amount: columnSchema,
    quantity: columnSchema.nullable().default(null),
    currency: columnSchema.nullable().default(null),
  }),
  decimalSeparator: z.enum(['.', ',']),
  /** The currency that a sign of several currencies, e.g. `$`, means on this invoice. */
  signs: z.record(z.string().length(1), z.string().regex(/^[A-Z]{3}$/u)).default({}),
  /** The preview's key for a label of the invoice; null to leave the line out, e.g. a sum. */
  lines: z.record(z.string().max(256), z.string().max(256).nullable()).default({}),
});
export type ColumnMapping = z.infer<typeof columnMappingSchema>;

export type VendorLine = { line: number; label: string; quantity: number | null; amount: string };

/** Digits with or without groups of three. The other sign of `.` and `,` can only separate groups. */
const numberForms = {
  '.': /^(?<sign>[-−]?)(?<whole>\d{1,3}(?:[,  '’]\d{3})+|\d+)(?:\.(?<fraction>\d{1,9}))?$/u,
  ',': /^(?<sign>[-−]?)(?<whole>\d{1,3}(?:[.  '’]\d{3})+|\d+)(?:,(?<fraction>\d{1,9}))?$/u,
} as const;

/** A number as plain text such as `-1204.50`; null if it is not one. */
function readNumber(text: string, separator: '.' | ','): string | null {
  const groups = numberForms[separator].exec(text)?.groups;
  if (groups === undefined) return null;
  const whole = (groups['whole'] ?? '').replaceAll(/\D/gu, '');
  if (whole.length > 15) return null;
  const { sign = '', fraction } = groups;
  return `${sign === '' ? '' : '-'}${whole}${fraction === undefined ? '' : `.${fraction}`}`;
}

function fail(line: number | null, message: string, column: string | null = null): never {
  const where = line === null ? '' : `Line ${line}: `;
  throw new AppError('BILLING_INVOICE_UNREADABLE', `${where}${message}`, { detail: { line, column } });
}

type Column = 'label' | 'amount' | 'quantity' | 'currency';

/** The number of an amount. Throws unless its code or sign means the currency of the preview. */
function checkAmount({ line, cell }: CsvRecord<Column>, mapping: ColumnMapping, currency: string): string {
  const { number, marks } = splitAmount(cell('amount'));
  for (const mark of marks) {
    const stated = findStatedCurrency(mark, mapping.signs);
    if (stated === null)
      fail(
        line,
        `“${mark}” can mean several currencies. Name the one it means in the mapping, under “signs”.`,
        mapping.columns.amount,
      );
    requireSameCurrency(currency, stated);
  }
  return number;
}

function readLine(record: CsvRecord<Column>, mapping: ColumnMapping, currency: string): VendorLine | null {
  const { line, cell } = record;
  const label = cell('label');
  if (label === '') fail(line, `the column “${mapping.columns.label}” is empty.`, mapping.columns.label);
  if (mapping.lines[label] === null) return null;
  const stated = cell('currency');
  if (stated !== '') requireSameCurrency(currency, stated.toUpperCase());
  const read = (column: 'amount' | 'quantity', text: string) => {
    const number = readNumber(text, mapping.decimalSeparator);
    return (
      number ??
      fail(
        line,
        `“${shorten(cell(column), 40)}” in the column “${mapping.columns[column]}” is not a number with “${mapping.decimalSeparator}” before its decimal places.`,
        mapping.columns[column],
      )
    );
  };
  const amount = read('amount', checkAmount(record, mapping, currency));
  if (mapping.columns.quantity === null || cell('quantity') === '')
    return { line, label, quantity: null, amount };
  const quantity = decimal(read('quantity', cell('quantity')));
  if (!quantity.eq(quantity.round(0, 0)) || quantity.abs().gt(decimal(1_000_000_000n)))
    fail(
      line,
      `“${shorten(cell('quantity'), 40)}” in the column “${mapping.columns.quantity}” is not a whole number of units.`,
      mapping.columns.quantity,
    );
  return { line, label, quantity: Number(quantity.toFixed(0)), amount };
}

/**
 * Reads a vendor's invoice from CSV text. Nothing is skipped silently: throws BILLING_INVOICE_UNREADABLE with the line, and
 * BILLING_CURRENCIES_DIFFER if a line, or the name of the column of amounts, has another currency.
 */
export function readVendorInvoice(text: string, mapping: ColumnMapping, currency: string): VendorLine[] {
  requireSameCurrency(currency, findColumnCurrency(mapping.columns.amount) ?? currency);
  const mapped = (['label', 'amount', 'quantity', 'currency'] as const).flatMap((column) => {
    const theirs = mapping.columns[column];
    return theirs === null ? [] : [{ column, theirs: normalizeColumnName(theirs) }];
  });
  if (new Set(mapped.map(({ theirs }) => theirs)).size < mapped.length)
    fail(null, 'The mapping uses a column of the file twice.');
  // Their names replace ours, so that a column of theirs that is called like another one of ours is not taken for it.
  const file = readCsvFile(text, {
    columns: mapped.map(({ theirs }) => theirs),
    required: mapped.map(({ theirs }) => theirs),
    noun: 'invoice lines',
    maxRecords: maxVendorLines,
    maxLength: maxVendorBytes,
  });
  if (file.problem !== null) return fail(null, file.problem);
  const theirNames = new Map(mapped.map(({ column, theirs }) => [column, theirs]));
  return file.records.flatMap((record) => {
    const cell = (column: Column) => {
      const theirs = theirNames.get(column);
      return theirs === undefined ? '' : record.cell(theirs);
    };
    return readLine({ line: record.line, cell }, mapping, currency) ?? [];
  });
}
