import type { SortingState } from '@tanstack/react-table';
import type { Column } from './column.ts';
import { type RowEvents, useRowComponent } from './DataTableRow.tsx';

type DataTableBodyProps<Row> = {
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  template: string;
  sorting: SortingState;
  virtual: { drawn: readonly { index: number; slot: number; top: number }[]; height: number };
  tableId: string;
  rowKey: (row: Row) => string;
  rowLabel: (row: Row) => string;
  groupKey?: ((row: Row) => string) | undefined;
  selectedKey: string | null;
  ticks: { keys: ReadonlySet<string> } | null;
  events: RowEvents<Row>;
};

/** The visible rows and a few around them. */
export function DataTableBody<Row>(props: DataTableBodyProps<Row>) {
  const { rows, rowKey, groupKey, virtual, ticks, tableId } = props;
  const TableRow = useRowComponent<Row>();
  const isRepeated = (row: Row, index: number): boolean => {
    const before = rows[index - 1];
    if (props.sorting.length > 0 || before === undefined || groupKey === undefined) return false;
    return groupKey(before) === groupKey(row);
  };
  return (
    <tbody style={{ height: virtual.height }}>
      {virtual.drawn.map(({ index, slot, top }) => {
        const row = rows[index];
        if (row === undefined) return null;
        const key = rowKey(row);
        return (
          <TableRow
            key={slot}
            id={`${tableId}-${index}`}
            index={index}
            top={top}
            columns={props.columns}
            template={props.template}
            row={row}
            label={props.rowLabel(row)}
            isSelected={key === props.selectedKey}
            isRepeated={isRepeated(row, index)}
            isTicked={ticks === null ? null : ticks.keys.has(key)}
            {...props.events}
          />
        );
      })}
    </tbody>
  );
}
