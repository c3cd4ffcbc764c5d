import { visibleLine } from './machineText.ts';

/**
 * Formats one CSV cell. Strings are quoted and can't start a formula, because they may come from an
 * appliance. Control and hidden characters become visible, because a user may print the file on a terminal.
 */
export function formatCsvCell(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = visibleLine(value);
  // Some spreadsheets also end a cell at a semicolon. `readCsvFile` removes these apostrophes again.
  const safe = text.replaceAll(/(^|;)(?='*[=+\-@\uff1d\uff0b\uff0d\uff20]|'+\d)/gu, "$1'");
  return `"${safe.replaceAll('"', '""')}"`;
}

/** CSV (RFC 4180) with CRLF between the lines and no line end after the last. */
export function formatCsvTable(
  names: readonly string[],
  rows: readonly (readonly Parameters<typeof formatCsvCell>[0][])[],
): string {
  return [names.join(','), ...rows.map((row) => row.map(formatCsvCell).join(','))].join('\r\n');
}
