import { parse } from 'csv-parse/browser/esm/sync';
import { z } from 'zod';
import { findLookAlikes, lookAlikeSentence } from './lookAlikes.ts';
import { shorten } from './machineText.ts';
import { findEncodingFault } from './textEncoding.ts';

export type CsvRecord<Column extends string> = {
  /** Number of the record's first line in the file. The file starts with line 1. */
  line: number;
  /** Trimmed; empty if the file has no such column or the record ends before it. */
  cell: (column: Column) => string;
};

export type CsvFile<Column extends string> =
  | { problem: string }
  | { problem: null; records: CsvRecord<Column>[]; columns: ReadonlySet<Column>; ignored: string[] };

const delimiters = [',', ';', '\t', '|'] as const;

const rowSchema = z.object({ record: z.array(z.string()), info: z.object({ lines: z.int() }) });
type Row = { line: number; cells: string[] };

/**
 * Reads the first `max` records and skips empty lines. Throws csv-parse's CsvError, for example if a quoted
 * cell has no end.
 */
function readRows(text: string, options: { delimiter: string; max: number }): Row[] {
  const rows: unknown = parse(text, {
    delimiter: options.delimiter,
    to: options.max,
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
      cells: record.map(readCell),
    }));
}

/**
 * Removes what keeps a spreadsheet from changing or computing a cell: `="007"`, and the apostrophes that
 * `formatCsvCell` writes.
 */
function readCell(cell: string): string {
  const text = /^="(.*)"$/su.exec(cell)?.[1]?.replaceAll('""', '"') ?? cell;
  return text.replaceAll(/(^|;)'(?='*(?:[=+\-@\uff1d\uff0b\uff0d\uff20]|\d))/gu, '$1').trim();
}

/** Maximum number of unknown columns that are listed **[ours]**. */
const maxIgnored = 20;

/** The name of a column in plain lower-case letters, with `_` between words. */
export function normalizeColumnName(cell: string): string {
  let plain = cell;
  for (const { character, plain: meant } of findLookAlikes(cell))
    if (meant !== null) plain = plain.replace(character, meant);
  return plain
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/gu, '_');
}

/** Removes NULs at both ends of a line. Not with a pattern, because that takes quadratic time for NULs inside a line. */
function trimPadding(line: string): string {
  const isReturn = line.endsWith('\r');
  let start = 0;
  let end = isReturn ? line.length - 1 : line.length;
  while (start < end && line[start] === '\0') start += 1;
  while (end > start && line[end - 1] === '\0') end -= 1;
  return `${line.slice(start, end)}${isReturn ? '\r' : ''}`;
}

const saveAgain = 'save it as “CSV UTF-8”';
/** Files that are no text, decoded as UTF-8, and what to do with each. */
const otherForms = [
  { start: /^PK\u0003\u0004/u, name: 'a workbook', advice: saveAgain },
  // OLE, the form of Excel until 2003.
  { start: /^\ufffd\ufffd\u0011\u0871\u001a\ufffd/u, name: 'a workbook', advice: saveAgain },
  {
    start: /^(?:\ufeff)?\s*<(?:!doctype|html|\?xml|table|meta)/iu,
    name: 'HTML or XML',
    advice: `open it in a spreadsheet and ${saveAgain}`,
  },
  { start: /^\u001f\ufffd\u0008/u, name: 'a compressed file', advice: 'unpack it: gunzip -c FILE > NEW' },
  { start: /^%PDF-/u, name: 'a PDF file', advice: 'choose the table itself' },
] as const;

/** Removes what is around the table: byte order mark, padding, other line ends, and `sep=;` of spreadsheets. */
function unwrap(
  file: string,
  maxLength: number,
): { text: string; delimiter: string | null } | { problem: string } {
  if (file.length > maxLength) return { problem: `The file is larger than ${maxLength / 1024 ** 2} MB.` };
  const other = otherForms.find(({ start }) => start.test(file));
  if (other !== undefined) return { problem: `This is ${other.name}, not a CSV file; ${other.advice}.` };
  const unpadded = file.split('\n').map(trimPadding).join('\n');
  const fault = findEncodingFault(unpadded);
  // Only UTF-16 is certain to be meant as text.
  const decoded = fault === null ? unpadded : fault.isUtf16 ? fault.plain : null;
  if (decoded === null)
    return {
      problem: `The file can’t be read: ${fault?.message ?? 'it is not text'}. In a spreadsheet, ${saveAgain}.`,
    };
  // csv-parse counts CRLF inside a quoted cell as two lines. A byte order mark that was read as Windows-1252 and
  // saved again is `ï»¿`; old programs end a file with U+001A.
  const text = decoded
    .replace(/^(?:\ufeff|\u00ef\u00bb\u00bf)+/u, '')
    .replaceAll(/\r\n?/gu, '\n')
    .replace(/\n\u001a\n*$/u, '\n');
  const separator = /^"?sep=([^\n"]?)"?[,;\t]*\n/iu.exec(text);
  if (separator === null) return { text, delimiter: null };
  // Keep the line break, so that the lines keep their numbers.
  return { text: text.slice(separator[0].length - 1), delimiter: separator[1] || ',' };
}

const emptyProblem = 'The file is empty.';

const hasOpenQuote = (line: string) => line.split('"').length % 2 === 0;

/** Names the line with the first quote that starts a cell and has no end, if it is certain. */
function describeOpenQuote(text: string): string {
  const lines = text.split('\n');
  const open = lines.flatMap((line, index) => (hasOpenQuote(line) ? [index] : []));
  const problem = 'A quoted cell has no closing quote.';
  const escaped = lines.findIndex((line) => line.includes('\\"'));
  const rule = 'Inside a quoted cell, write each quote twice: "".';
  if (escaped !== -1) return `${problem} Line ${escaped + 1} has \\". ${rule}`;
  return open.length === 1
    ? `${problem} It begins in line ${(open[0] ?? 0) + 1}. ${rule}`
    : `${problem} ${rule}`;
}

type Options<Column extends string> = {
  columns: readonly Column[];
  required: readonly Column[];
  /** Other names of the columns, in lower case with `_` between words. */
  synonyms?: Partial<Record<Column, readonly string[]>>;
  noun: string;
  maxRecords: number;
  maxLength: number;
};

/** The column that a name in the first line means. */
function createColumnFinder<Column extends string>({ columns, synonyms = {} }: Options<Column>) {
  const byName = new Map<string, Column>();
  const others: Partial<Record<string, readonly string[]>> = synonyms;
  for (const column of columns) for (const name of others[column] ?? []) byName.set(name, column);
  for (const column of columns) byName.set(column, column);
  return (cell: string): Column | null => byName.get(normalizeColumnName(cell)) ?? null;
}

/**
 * Spreadsheets separate cells with a comma, or with a semicolon if the locale has a decimal comma. Cells pasted
 * from a spreadsheet are separated by tabs. Takes the separator with which the first line names most columns.
 */
function findDelimiter(text: string, countColumns: (cells: readonly string[]) => number): string {
  let best: { delimiter: string; count: number } = { delimiter: ',', count: -1 };
  for (const delimiter of delimiters) {
    let count = -1;
    try {
      const [head] = readRows(text, { delimiter, max: 1 });
      count = head === undefined ? -1 : countColumns(head.cells);
    } catch {
      // A quote of the first line has no end with this separator.
    }
    if (count > best.count) best = { delimiter, count };
  }
  return best.delimiter;
}

/**
 * Reads a CSV file whose first line names its columns, in any order. Unknown columns are ignored and listed. `noun` is
 * the plural name of the records. Pure, and never throws.
 */
export function readCsvFile<Column extends string>(file: string, options: Options<Column>): CsvFile<Column> {
  const { columns, required, noun } = options;
  const unwrapped = unwrap(file, options.maxLength);
  if ('problem' in unwrapped) return unwrapped;
  const findColumn = createColumnFinder(options);
  const countColumns = (cells: readonly string[]) => cells.filter((cell) => findColumn(cell) !== null).length;
  let rows: Row[];
  try {
    const delimiter = unwrapped.delimiter ?? findDelimiter(unwrapped.text, countColumns);
    // The first line, and a record above the limit.
    rows = readRows(unwrapped.text, { delimiter, max: options.maxRecords + 2 });
  } catch {
    return { problem: describeOpenQuote(unwrapped.text) };
  }
  const [head, ...body] = rows;
  if (head === undefined) return { problem: emptyProblem };
  const at = new Map<Column, number>();
  for (const [index, cell] of head.cells.entries()) {
    const column = findColumn(cell);
    if (column === null) continue;
    if (at.has(column)) return { problem: `The first line names ${column} twice.` };
    at.set(column, index);
  }
  const unknown = head.cells
    .filter((cell) => cell !== '' && findColumn(cell) === null)
    .slice(0, maxIgnored)
    .map((cell) => shorten(normalizeColumnName(cell), 64));
  if (!required.every((name) => at.has(name))) {
    const instead = unknown.length === 0 ? '' : ` It also has: ${unknown.join(', ')}.`;
    const looks = lookAlikeSentence(unwrapped.text.split('\n').find((line) => line.trim() !== '') ?? '');
    return { problem: `The first line must name the columns: ${columns.join(', ')}.${instead}${looks}` };
  }
  if (body.length === 0) return { problem: `There are no ${noun} below the first line.` };
  if (body.length > options.maxRecords)
    return { problem: `There are more than ${options.maxRecords} ${noun}.` };
  return {
    problem: null,
    records: body.map(({ line, cells }) => ({
      line,
      cell: (column) => cells[at.get(column) ?? -1] ?? '',
    })),
    columns: new Set(at.keys()),
    ignored: unknown,
  };
}

/** The first line of a CSV file as it is written, and up to `maxRecords` lines below it. To choose columns from. */
export function readCsvHead(
  file: string,
  { maxLength, maxRecords }: { maxLength: number; maxRecords: number },
): { problem: string } | { problem: null; names: string[]; rows: string[][] } {
  const unwrapped = unwrap(file, maxLength);
  if ('problem' in unwrapped) return unwrapped;
  try {
    const delimiter =
      unwrapped.delimiter ??
      findDelimiter(unwrapped.text, (cells) => cells.filter((cell) => cell !== '').length);
    const [head, ...rows] = readRows(unwrapped.text, { delimiter, max: maxRecords + 1 });
    if (head === undefined) return { problem: emptyProblem };
    return { problem: null, names: head.cells, rows: rows.map(({ cells }) => cells) };
  } catch {
    return { problem: describeOpenQuote(unwrapped.text) };
  }
}

/** Names what a spreadsheet made of a value that looked like a number or a formula. Null for any other text. */
export function findSpreadsheetChange(cell: string): string | null {
  if (/^[+-]?\d(?:[.,]\d+)?E[+-]\d+$/u.test(cell))
    return 'a spreadsheet shortened the number; format the column as text before entering it';
  if (/^#(?:REF!|N\/A|VALUE!|NAME\?|DIV\/0!|NUM!|NULL!|#+$)/u.test(cell))
    return 'this is an error of the spreadsheet';
  if (
    /^(?:\d{1,2}[-. ])?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[-. ]\d{1,4}$|^\d{1,2}[-. ](?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)$/u.test(
      cell,
    )
  )
    return 'a spreadsheet made a date of it; format the column as text before entering it';
  return null;
}
