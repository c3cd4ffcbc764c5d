import type { SortingState } from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import type { Column } from './column.ts';
import { useSortedRows } from './useSortedRows.ts';

function readSort<Row>(sort: string, columns: readonly Column<Row>[]): SortingState {
  const desc = sort.startsWith('-');
  const id = desc ? sort.slice(1) : sort;
  return columns.some((column) => column.id === id && column.value !== undefined) ? [{ id, desc }] : [];
}

function writeSort([first]: SortingState): string {
  return first === undefined ? '' : `${first.desc ? '-' : ''}${first.id}`;
}

/** Returns the rows in the order of `sort`, which the page keeps, or of the table's own state. */
export function useTableOrder<Row>(table: {
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  sort?: string;
  onSort?: (sort: string) => void;
}) {
  const { columns, rowKey } = table;
  const [ownSort, setOwnSort] = useState('');
  const sort = table.sort ?? ownSort;
  const sorting = useMemo(() => readSort(sort, columns), [sort, columns]);
  const rows = useSortedRows({ rows: table.rows, columns, rowKey, sorting });
  return {
    rows,
    sorting,
    setSorting: (next: SortingState): void => (table.onSort ?? setOwnSort)(writeSort(next)),
  };
}
