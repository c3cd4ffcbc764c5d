import { shownTitle } from '../text/shownTitle.ts';
import { memo, useState } from 'react';
import type { Column } from './column.ts';
import { copyText } from '../text/copy.ts';
import table from './table.module.css';

/** Copies what the column has of the row; false where that is nothing. */
export function copyCell<Row>(column: Column<Row>, row: Row): boolean {
  const value = column.value?.(row) ?? null;
  if (value === null) return false;
  copyText(String(value), `${column.header} copied`);
  return true;
}

type DataTableRowProps<Row> = {
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
  onSelect: (row: Row) => void;
  onOpen: (row: Row) => void;
};

/** The row of one table: drawn again only when something of its own changed. */
export function useRowComponent<Row>() {
  const [component] = useState(() => memo(DataTableRow<Row>));
  return component;
}

/** A link or button in a cell acts by its own; the row does not follow. */
function isOnControl({ target }: { target: EventTarget }): boolean {
  return target instanceof Element && target.closest('a, button') !== null;
}

/** One row at its place. A click selects, a second one opens; the other button copies the cell's value. */
function DataTableRow<Row>(props: DataTableRowProps<Row>) {
  const { row } = props;
  return (
    <tr
      id={props.id}
      tabIndex={-1}
      className={table.tableRow}
      aria-rowindex={props.index + 2}
      aria-selected={props.isSelected}
      aria-label={shownTitle(props.label)}
      title={shownTitle(props.hint)}
      style={{ gridTemplateColumns: props.template, transform: `translateY(${props.top}px)` }}
      onClick={(event) => {
        if (!isOnControl(event)) props.onSelect(row);
      }}
      onDoubleClick={(event) => {
        if (!isOnControl(event)) props.onOpen(row);
      }}
      onKeyDown={(event) => {
        if (event.key !== ' ' || event.target !== event.currentTarget) return;
        event.preventDefault();
        props.onSelect(row);
      }}
    >
      {props.columns.map((column) => (
        <td
          key={column.id}
          data-end={column.end}
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
