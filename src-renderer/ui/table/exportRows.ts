import { formatCsvCell } from '../../../src-shared/base/csvCell.ts';
import type { Column } from './column.ts';
import { copyText } from '../text/copy.ts';
import { saveText } from '../text/saveText.ts';

/** Saves the shown rows as a CSV file. */
export function exportCsv<Row>({
  name,
  columns,
  rows,
}: {
  name: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
}): void {
  const used = columns.filter((column) => column.value !== undefined);
  const lines = [
    used.map((column) => formatCsvCell(column.header)).join(','),
    ...rows.map((row) => used.map((column) => formatCsvCell(column.value?.(row) ?? null)).join(',')),
  ];
  saveText({
    name: `${name}.csv`,
    type: 'text/csv;charset=utf-8',
    text: `${lines.join('\r\n')}\r\n`,
  });
}

/** Copies the shown rows as JSON. */
export function copyJson<Row>({
  columns,
  rows,
}: {
  columns: readonly Column<Row>[];
  rows: readonly Row[];
}): void {
  const used = columns.filter((column) => column.value !== undefined);
  const objects = rows.map((row) =>
    Object.fromEntries(used.map((column) => [column.id, column.value?.(row) ?? null])),
  );
  copyText(JSON.stringify(objects, null, 2), `${rows.length} rows copied as JSON`);
}
