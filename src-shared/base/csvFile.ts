import { parse } from 'csv-parse/browser/esm/sync';
import { z } from 'zod';
import { shorten } from './machineText.ts';

export type CsvRecord<Column extends string> = {
  /** Number of the record's first line in the file. The file starts with line 1. */
  line: number;
  /** Trimmed; empty if the file has no such column or the record ends before it. */
  cell: (column: Column) => string;
};

export type CsvFile<Column extends string> =
  | { problem: string }
  | { problem: null; records: CsvRecord<Column>[]; columns: ReadonlySet<Column>; ignored: string[] };

/**
 * Spreadsheets separate cells with a comma, or with a semicolon if the locale has a decimal comma. Cells
 * pasted from a spreadsheet are separated by tabs.
 */
function findDelimiter(text: string): string {
  const head = text.slice(0, text.search(/[\r\n]|$/u));
  return [',', ';', '\t'].find((sign) => head.includes(sign)) ?? ',';
}

const rowSchema = z.object({ record: z.array(z.string()), info: z.object({ lines: z.int() }) });

/**
 * Reads the first `max` records and skips empty lines. Throws csv-parse's CsvError, for example if a quoted
 * cell has no end.
 */
function readRecords(text: string, max: number): { line: number; cells: string[] }[] {
  // csv-parse counts CRLF inside a quoted cell as two lines.
  const rows: unknown = parse(text.replaceAll(/\r\n?/gu, '\n'), {
    delimiter: findDelimiter(text),
    to: max,
    info: true,
    trim: true,
    record_delimiter: '\n',
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
  });
  // `info.lines` is the record's last line. A quoted cell may contain line breaks, so subtract them to get
  // its first line.
  return z
    .array(rowSchema)
    .parse(rows)
    .map(({ record, info }) => ({
      line: info.lines - record.join('').split('\n').length + 1,
      cells: record,
    }));
}

/** Maximum number of unknown columns that are listed **[ours]**. */
const maxIgnored = 20;

function normalizeName(cell: string): string {
  return cell
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/gu, '_');
}

/**
 * Reads a CSV file whose first line names its columns, in any order. Unknown columns are ignored and listed. `noun` is
 * the plural name of the records. Pure, and never throws.
 */
export function readCsvFile<Column extends string>(
  file: string,
  options: {
    columns: readonly Column[];
    required: readonly Column[];
    noun: string;
    maxRecords: number;
    maxLength: number;
  },
): CsvFile<Column> {
  const { columns, required, noun } = options;
  const isColumn = (name: string): name is Column => columns.some((known) => known === name);
  if (file.length > options.maxLength)
    return { problem: `The file is larger than ${options.maxLength / 1024 ** 2} MB.` };
  const text = file.replace(/^\ufeff/u, '');
  if (text.includes('\0')) return { problem: 'This is not a text file.' };
  let records: ReturnType<typeof readRecords>;
  try {
    // The first line, and a record above the limit.
    records = readRecords(text, options.maxRecords + 2);
  } catch {
    return { problem: 'A quoted cell has no closing quote.' };
  }
  const [head, ...body] = records;
  if (head === undefined) return { problem: 'The file is empty.' };
  const names = head.cells.map(normalizeName);
  const at = new Map<Column, number>();
  for (const [index, name] of names.entries()) {
    if (!isColumn(name)) continue;
    if (at.has(name)) return { problem: `The first line names ${name} twice.` };
    at.set(name, index);
  }
  if (!required.every((name) => at.has(name)))
    return { problem: `The first line must name the columns: ${columns.join(', ')}.` };
  if (body.length === 0) return { problem: `There are no ${noun} below the first line.` };
  if (body.length > options.maxRecords)
    return { problem: `There are more than ${options.maxRecords} ${noun}.` };
  return {
    problem: null,
    records: body.map(({ line, cells }) => ({
      line,
      cell: (column) => (cells[at.get(column) ?? -1] ?? '').trim(),
    })),
    columns: new Set(at.keys()),
    ignored: names
      .filter((name) => name !== '' && !isColumn(name))
      .slice(0, maxIgnored)
      .map((name) => shorten(name, 64)),
  };
}
