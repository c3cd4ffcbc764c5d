import { normalizeColumnName, readCsvHead } from '../../base/csvFile.ts';
import { splitAmount } from './statedCurrency.ts';
import { columnMappingSchema, maxVendorBytes, type ColumnMapping } from './vendorInvoice.ts';

type Column = keyof ColumnMapping['columns'];

/** Names that invoices give to each column, in lower case with `_` between words **[ours]**. The first ones are preferred. */
const usualNames: Record<Column, readonly string[]> = {
  label: [
    'line',
    'label',
    'description',
    'item',
    'position',
    'product',
    'charge',
    'bezeichnung',
    'leistung',
    'posten',
  ],
  amount: ['amount', 'net_amount', 'line_total', 'total', 'net', 'betrag', 'nettobetrag', 'summe'],
  quantity: ['quantity', 'qty', 'units', 'count', 'accounts', 'users', 'menge', 'anzahl'],
  currency: ['currency', 'currency_code', 'währung'],
};

/** A name without a currency or a unit in brackets: `Betrag (EUR)` is `betrag`. */
const plainName = (name: string) =>
  normalizeColumnName(name.replaceAll(/[([][^)\]]{0,20}[)\]]/gu, ' ').trim());

function findColumn(names: readonly string[], column: Column): string | null {
  const plain = names.map(plainName);
  for (const usual of usualNames[column]) {
    const at = plain.indexOf(usual);
    if (at !== -1) return names[at] ?? null;
  }
  return null;
}

/** Which sign a number certainly has before its decimal places; null if it has none, or can be read in two ways. */
function findSeparator(text: string): '.' | ',' | null {
  const marks = text.replaceAll(/[^.,]/gu, '');
  const last = marks.at(-1);
  if (last !== '.' && last !== ',') return null;
  const other = last === '.' ? ',' : '.';
  if (marks.includes(other)) return last;
  if (marks.length > 1) return other;
  return /[.,]\d{3}$/u.test(text) ? null : last;
}

function suggestSeparator(cells: readonly string[]): '.' | ',' | null {
  const numbers = cells.map((cell) => splitAmount(cell).number.trim());
  const found = new Set(numbers.flatMap((number) => findSeparator(number) ?? []));
  const [only] = found;
  if (found.size === 1 && only !== undefined) return only;
  return found.size === 0 && !numbers.some((number) => /[.,]/u.test(number)) ? '.' : null;
}

/** Lines that tell how the file writes numbers. */
const maxSampleLines = 200;

/**
 * Which columns of a vendor's CSV probably have what, by their names. Null for what is not certain: 1,200 can be more than a
 * thousand or more than one. `named` goes before the suggestion. Pure, and never throws.
 */
export function suggestMapping(
  text: string,
  named: Partial<ColumnMapping['columns']> = {},
):
  | { problem: string }
  | {
      problem: null;
      names: string[];
      columns: Record<Column, string | null>;
      decimalSeparator: '.' | ',' | null;
    } {
  const head = readCsvHead(text, { maxLength: maxVendorBytes, maxRecords: maxSampleLines });
  if (head.problem !== null) return head;
  const { names, rows } = head;
  const taken = new Set(Object.values(named));
  const free = names.filter((name) => !taken.has(name));
  const choose = (column: Column) => named[column] ?? findColumn(free, column);
  const columns = {
    label: choose('label'),
    amount: choose('amount'),
    quantity: choose('quantity'),
    currency: choose('currency'),
  };
  const amountName = columns.amount === null ? null : normalizeColumnName(columns.amount);
  const at = names.findIndex((name) => normalizeColumnName(name) === amountName);
  const decimalSeparator = suggestSeparator(rows.map((cells) => cells[at] ?? ''));
  return { problem: null, names, columns, decimalSeparator };
}

/** The mapping that a suggestion makes; null if the columns of lines and amounts, or the way of numbers, are not known. */
export function completeMapping(
  suggestion: Pick<
    Extract<ReturnType<typeof suggestMapping>, { problem: null }>,
    'columns' | 'decimalSeparator'
  >,
  rest: Pick<ColumnMapping, 'signs' | 'lines'>,
): ColumnMapping | null {
  return columnMappingSchema.safeParse({ ...suggestion, ...rest }).data ?? null;
}
