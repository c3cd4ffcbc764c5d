import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useMemo } from 'react';
import type { Column } from './column.ts';

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

type Value = string | number;

const collator = new Intl.Collator('en', { numeric: true });

/** Compares numbers by size and text naturally (`kiln-2` before `kiln-10`). */
function compareValues(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a), String(b));
}

/** Returns `rows` sorted by `sorting`, or unchanged if `sorting` is empty. */
export function useSortedRows<Row>({
  rows,
  columns,
  rowKey,
  sorting,
}: {
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  sorting: SortingState;
}): readonly Row[] {
  type Wrapped = { row: Row; key: string };
  const isSorted = sorting.length > 0;
  // Without sorting, don't build a table model, which is slow for thousands of rows.
  const data = useMemo(
    () => (isSorted ? rows.map((row): Wrapped => ({ row, key: rowKey(row) })) : []),
    [isSorted, rows, rowKey],
  );
  const definitions = useMemo(
    () =>
      columns.map((column): ColumnDef<typeof features, Wrapped> => ({
        id: column.id,
        accessorFn: (wrapped): Value | undefined => column.value?.(wrapped.row) ?? undefined,
        // Empty values come last in both directions.
        sortUndefined: 'last',
        sortFn: (a, b) => compareValues(a.getValue(column.id), b.getValue(column.id)),
      })),
    [columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data,
    state: { sorting },
    getRowId: (wrapped) => wrapped.key,
  });
  const sorted = table.getRowModel().rows;
  return useMemo(() => (isSorted ? sorted.map((row) => row.original.row) : rows), [isSorted, sorted, rows]);
}
