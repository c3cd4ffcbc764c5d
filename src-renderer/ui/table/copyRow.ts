import type { Column } from './column.ts';
import { copyText } from '../text/copy.ts';

/** Copies what the column has of the row, if it has anything. */
export function copyCell<Row>(column: Column<Row>, row: Row): void {
  const value = column.value?.(row) ?? null;
  if (value !== null) copyText(String(value), `${column.header} copied: ${String(value)}`);
}

/** The row's values with tabs between them, as a spreadsheet takes them. */
export function rowText<Row>(columns: readonly Column<Row>[], row: Row): string {
  return columns
    .flatMap(({ value }) => (value === undefined ? [] : String(value(row) ?? '').replaceAll(/\s+/gu, ' ')))
    .join('\t');
}
