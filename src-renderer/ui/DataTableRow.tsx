import type { Column } from './DataTable.tsx';
import { copyText } from './copy.ts';

/** Copies what the column has of the row; false where that is nothing. */
export function copyCell<Row>(column: Column<Row>, row: Row): boolean {
  const value = column.value?.(row) ?? null;
  if (value === null) return false;
  copyText(String(value), `${column.header} copied`);
  return true;
}

/** One row at its place. A click selects, a second one opens; the other button copies the cell's value. */
export function DataTableRow<Row>(props: {
  id: string;
  index: number;
  top: number;
  columns: readonly Column<Row>[];
  template: string;
  row: Row;
  label: string;
  hint: string;
  isSelected: boolean;
  isRepeated: boolean;
  onSelect: () => void;
  onOpen: () => void;
}) {
  const { row } = props;
  return (
    <tr
      id={props.id}
      tabIndex={-1}
      className="table-row"
      aria-rowindex={props.index + 2}
      aria-selected={props.isSelected}
      aria-label={props.label}
      title={props.hint}
      style={{ gridTemplateColumns: props.template, transform: `translateY(${props.top}px)` }}
      onClick={props.onSelect}
      onDoubleClick={props.onOpen}
      onKeyDown={(event) => {
        if (event.key !== ' ' || event.target !== event.currentTarget) return;
        event.preventDefault();
        props.onSelect();
      }}
    >
      {props.columns.map((column) => (
        <td
          key={column.id}
          className={column.end ? 'end' : undefined}
          onContextMenu={(event) => {
            if (copyCell(column, row)) event.preventDefault();
          }}
        >
          {column.cell(row, { repeated: props.isRepeated })}
        </td>
      ))}
    </tr>
  );
}
