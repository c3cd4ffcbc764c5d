import { safeTitle } from '../text/safeTitle.ts';
import { memo, type MouseEvent, useState } from 'react';
import type { Column } from './column.ts';
import table from './table.module.css';

export type RowEvents<Row> = {
  onSelect: (row: Row) => void;
  onOpen: (row: Row) => void;
  onTick: (row: Row, isRange: boolean) => void;
  /** `column` is the column of the cell where the menu was opened; undefined outside a cell. */
  onMenu: (at: { row: Row; column: Column<Row> | undefined; x: number; y: number }) => void;
};

type DataTableRowProps<Row> = RowEvents<Row> & {
  id: string;
  index: number;
  top: number;
  columns: readonly Column<Row>[];
  template: string;
  row: Row;
  label: string;
  isSelected: boolean;
  isRepeated: boolean;
  /** Null if the table has no checkboxes. */
  isTicked: boolean | null;
};

/** A memoized row component for one table, rendered again only if its own props change. */
export function useRowComponent<Row>() {
  const [component] = useState(() => memo(DataTableRow<Row>));
  return component;
}

/** Whether a link or button in a cell was clicked. Such a click doesn't select the row. */
function isOnControl({ target }: { target: EventTarget }): boolean {
  return target instanceof Element && target.closest('a, button, [data-tick]') !== null;
}

/** One row. A click selects it, a double click opens it, a right click opens its menu. */
function DataTableRow<Row>(props: DataTableRowProps<Row>) {
  const { row, columns } = props;
  const openMenu = (event: MouseEvent): void => {
    const id = event.target instanceof Element ? event.target.closest('td')?.dataset['column'] : undefined;
    event.preventDefault();
    props.onMenu({
      row,
      column: columns.find((column) => column.id === id),
      x: event.clientX,
      y: event.clientY,
    });
  };
  return (
    <tr
      id={props.id}
      tabIndex={-1}
      className={table.tableRow}
      aria-rowindex={props.index + 2}
      aria-selected={props.isSelected}
      aria-label={safeTitle(props.label)}
      style={{ gridTemplateColumns: props.template, transform: `translateY(${props.top}px)` }}
      onClick={(event) => {
        if (!isOnControl(event)) props.onSelect(row);
      }}
      onDoubleClick={(event) => {
        if (!isOnControl(event)) props.onOpen(row);
      }}
      onContextMenu={openMenu}
      onKeyDown={(event) => {
        // In a table with checkboxes, Space ticks the row; `useTableKeys` handles it.
        if (event.key !== ' ' || props.isTicked !== null || event.target !== event.currentTarget) return;
        event.preventDefault();
        props.onSelect(row);
      }}
    >
      {props.isTicked === null ? null : (
        <td data-tick="" onClick={(event) => props.onTick(row, event.shiftKey)}>
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={`Select ${safeTitle(props.label)}`}
            checked={props.isTicked}
            readOnly
          />
        </td>
      )}
      {columns.map((column) => (
        <td key={column.id} data-end={column.end} data-column={column.id}>
          {column.cell(row, { repeated: props.isRepeated })}
        </td>
      ))}
    </tr>
  );
}
