import { type SortingState } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { Column } from './column.ts';
import { fitColumns, minTrack } from './fitColumns.ts';
import { useElementWidth } from './useElementWidth.ts';
import { DataTableHead } from './DataTableHead.tsx';
import { copyCell, useRowComponent } from './DataTableRow.tsx';
import { useTableKeys } from './useTableKeys.ts';
import { useSortedRows } from './useSortedRows.ts';
import tableStyles from './table.module.css';

export type DataTableProps<Row> = {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** What a row is called by a screen reader and in tests. */
  rowLabel: (row: Row) => string;
  selectedKey: string | null;
  onSelect: (key: string | null, by: 'click' | 'key') => void;
  /** The sorted column's id, `-` before it for descending; empty for the rows' own order. Without it the table keeps its own. */
  sort?: string;
  onSort?: (sort: string) => void;
  /** Enter or a double click. */
  onOpen?: (row: Row) => void;
  /** Rows of one group follow each other; cells may leave out what repeats while the table keeps its own order. */
  groupKey?: (row: Row) => string;
  empty: ReactNode;
  /** One click opens instead of selecting: for tables that only lead elsewhere. */
  opensOnClick?: boolean;
  /** As tall as its rows instead of as tall as its place. */
  fit?: boolean;
  onEndReached?: () => void;
};

const rowHeight = 34;
/** Rows that are drawn above and below what is seen. */
const overscan = 8;
const headHeight = 31;

function readSort<Row>(sort: string, columns: readonly Column<Row>[]): SortingState {
  const desc = sort.startsWith('-');
  const id = desc ? sort.slice(1) : sort;
  return columns.some((column) => column.id === id && column.value !== undefined) ? [{ id, desc }] : [];
}

function writeSort([first]: SortingState): string {
  return first === undefined ? '' : `${first.desc ? '-' : ''}${first.id}`;
}

function copyHint<Row>(column: Column<Row> | undefined): string {
  const key = column === undefined ? '' : `c copies the chosen row’s ${column.header.toLowerCase()}; `;
  return `${key}the other mouse button copies a cell`;
}

/** Every table of the page: sorted by its head, walked by keyboard, drawn only where it is looked at. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { rowKey, selectedKey, onSelect, onOpen, onEndReached } = props;
  const [width, measure] = useElementWidth();
  const columns = useMemo(() => fitColumns(props.columns, width), [props.columns, width]);
  const scroller = useRef<HTMLDivElement>(null);
  const attach = useCallback(
    (element: HTMLDivElement | null) => {
      scroller.current = element;
      return measure(element);
    },
    [measure],
  );
  const grid = useRef<HTMLTableElement>(null);
  const [ownSort, setOwnSort] = useState('');
  const sort = props.sort ?? ownSort;
  const sorting = useMemo(() => readSort(sort, props.columns), [sort, props.columns]);
  const tableId = useId();
  const rows = useSortedRows({ rows: props.rows, columns: props.columns, rowKey, sorting });
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan,
    paddingStart: 0,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
  });
  const items = virtualizer.getVirtualItems();
  // A row that scrolls out is reused for one that scrolls in: far cheaper than creating each row.
  const seenRows = Math.ceil((virtualizer.scrollRect?.height ?? 0) / rowHeight) + 1;
  const slots = Math.max(seenRows + 2 * overscan, items.length);
  // On the page the rows get into their order once they rest: the browser styles and lays out again each row that is moved
  // there, and a scroll that goes on would have it move most of them.
  const [restIndex, setRestIndex] = useState(0);
  const firstIndex = items[0]?.index ?? 0;
  if (!virtualizer.isScrolling && restIndex !== firstIndex) setRestIndex(firstIndex);
  const placeOf = (index: number): number => (((index - restIndex) % slots) + slots) % slots;
  const placed = items.toSorted((a, b) => placeOf(a.index) - placeOf(b.index));
  const selectedIndex = useMemo(
    () => (selectedKey === null ? -1 : rows.findIndex((row) => rowKey(row) === selectedKey)),
    [rows, rowKey, selectedKey],
  );

  const mainColumn =
    columns.find((column) => column.isMain === true) ?? columns.find((column) => column.value !== undefined);

  useTableKeys({
    count: rows.length,
    selectedIndex,
    holdsFocus: () => grid.current?.contains(document.activeElement) === true,
    onMove: (index) => {
      const row = rows[index];
      if (row === undefined) return;
      onSelect(rowKey(row), 'key');
      // Enter belongs to the row from here on, not to a button that was pressed before.
      grid.current?.focus({ preventScroll: true });
      virtualizer.scrollToIndex(index, { align: 'auto' });
    },
    onOpen: () => {
      const row = rows[selectedIndex];
      if (row !== undefined) onOpen?.(row);
    },
    onLeave: () => onSelect(null, 'key'),
    onCopy: () => {
      const row = rows[selectedIndex];
      if (row !== undefined && mainColumn !== undefined) copyCell(mainColumn, row);
    },
  });

  // A row that an address names may stand far down; one that was clicked is in sight and moves nothing. Only another
  // choice scrolls, never another order of the rows.
  const reveal = useRef<() => void>(() => undefined);
  useEffect(() => {
    reveal.current = () => {
      if (selectedIndex !== -1) virtualizer.scrollToIndex(selectedIndex, { align: 'auto' });
    };
  });
  useEffect(() => reveal.current(), [selectedKey]);

  // Rows with unchanged props are not drawn again, so their callbacks must stay the same.
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const openRow = useCallback((row: Row) => latest.current.onOpen?.(row), []);
  const selectRow = useCallback((row: Row) => {
    const { opensOnClick, onOpen: open, onSelect: select, rowKey: keyOf } = latest.current;
    if (opensOnClick) {
      open?.(row);
      return;
    }
    select(keyOf(row), 'click');
    // The place that was clicked may show another row soon.
    grid.current?.focus({ preventScroll: true });
  }, []);
  const TableRow = useRowComponent<Row>();
  const hint = copyHint(mainColumn);

  const lastIndex = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (lastIndex >= rows.length - 1 && rows.length > 0) onEndReached?.();
  }, [lastIndex, rows.length, onEndReached]);

  const template = columns.map((column) => column.width).join(' ');
  // Rows are placed one by one: without a common least width each would be as wide as its own text.
  const minWidth = columns.reduce((sum, column) => sum + minTrack(column.width), 0);
  const fitHeight = headHeight + Math.max(rows.length, 1) * rowHeight + 2;
  return (
    <div
      ref={attach}
      className={props.fit ? `${tableStyles.table} ${tableStyles.fit}` : tableStyles.table}
      style={{ height: props.fit ? (rows.length === 0 ? undefined : fitHeight) : '100%' }}
      data-testid="table"
    >
      <table
        ref={grid}
        role="grid"
        tabIndex={0}
        style={{ minWidth }}
        aria-label={props.label}
        aria-rowcount={rows.length + 1}
        aria-activedescendant={selectedIndex === -1 ? undefined : `${tableId}-${selectedIndex}`}
      >
        <DataTableHead
          columns={columns}
          template={template}
          sorting={sorting}
          onSort={(next) => (props.onSort ?? setOwnSort)(writeSort(next))}
        />
        <tbody style={{ height: virtualizer.getTotalSize() }}>
          {placed.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            const before = rows[item.index - 1];
            const isRepeated =
              sorting.length === 0 &&
              before !== undefined &&
              props.groupKey !== undefined &&
              props.groupKey(before) === props.groupKey(row);
            const key = rowKey(row);
            return (
              <TableRow
                key={item.index % slots}
                id={`${tableId}-${item.index}`}
                index={item.index}
                top={item.start - headHeight}
                columns={columns}
                template={template}
                row={row}
                label={props.rowLabel(row)}
                hint={hint}
                isSelected={key === selectedKey}
                isRepeated={isRepeated}
                onSelect={selectRow}
                onOpen={openRow}
              />
            );
          })}
        </tbody>
      </table>
      {rows.length === 0 ? <div className={tableStyles.tableEmpty}>{props.empty}</div> : null}
    </div>
  );
}
