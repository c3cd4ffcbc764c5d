import type { Column } from './column.ts';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import { copyMachineText } from '../text/copy.ts';

/** Copies the row's value in the column, if it has one. */
export function copyCell<Row>(column: Column<Row>, row: Row): void {
  const value = column.value?.(row) ?? null;
  if (value !== null) copyMachineText(String(value), `${column.header} copied: ${String(value)}`);
}

/** Returns the row's values separated by tabs, for pasting into a spreadsheet. */
export function rowText<Row>(columns: readonly Column<Row>[], row: Row): string {
  return columns
    .flatMap(({ value }) =>
      value === undefined ? [] : visibleText(String(value(row) ?? '').replaceAll(/\s+/gu, ' ')),
    )
    .join('\t');
}
