import { formatCsvCell } from '../../../base/csvCell.ts';
import { encodeLogText, showDamagedBytes } from '../logBytes.ts';
import type { ExportedLine } from './exportedLine.ts';

type FormatFacts = {
  label: string;
  extension: string;
  /** The first line of the file, or nothing. */
  head: string;
  /** A line with its line end. `isNamed`: lines of several appliances stand in one file. */
  format: (line: ExportedLine, isNamed: boolean) => Uint8Array;
};

const csvColumns = [
  'appliance',
  'time',
  'host',
  'program',
  'pid',
  'severity',
  'severityFrom',
  'facility',
  'message',
  'receivedAt',
  'skewMs',
  'file',
  'device',
  'inode',
  'offset',
  'line',
  'raw',
] as const;

function csvCell(line: ExportedLine, column: (typeof csvColumns)[number]): string {
  if (column === 'file') return formatCsvCell(line.file.id);
  if (column === 'device' || column === 'inode') return formatCsvCell(line.file[column]);
  const value = line[column];
  return formatCsvCell(typeof value === 'string' ? showDamagedBytes(value) : value);
}

const encoder = new TextEncoder();

/** The formats of exported lines. */
export const exportFormats = {
  text: {
    label: 'text: the lines as the appliance wrote them, byte by byte',
    extension: 'log',
    head: '',
    format: ({ appliance, raw }, isNamed) => encodeLogText(`${isNamed ? `${appliance}  ` : ''}${raw}\n`),
  },
  jsonl: {
    label: 'JSON lines: an object a line',
    extension: 'jsonl',
    head: '',
    // Bytes that are not UTF-8 become escaped lone surrogates, which JSON keeps.
    format: (line) => encoder.encode(`${JSON.stringify(line)}\n`),
  },
  csv: {
    label: 'CSV: for spreadsheets; no cell starts a formula',
    extension: 'csv',
    head: `${csvColumns.join(',')}\r\n`,
    format: (line) => encoder.encode(`${csvColumns.map((column) => csvCell(line, column)).join(',')}\r\n`),
  },
} as const satisfies Record<string, FormatFacts>;
export type ExportFormat = keyof typeof exportFormats;
export const exportFormatNames = ['text', 'jsonl', 'csv'] as const satisfies readonly ExportFormat[];
