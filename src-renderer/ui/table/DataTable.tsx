import {
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { Column } from './column.ts';
import { copyCell } from './copyRow.ts';
import { DataTableBody } from './DataTableBody.tsx';
import { DataTableHead } from './DataTableHead.tsx';
import type { RowEvents } from './DataTableRow.tsx';
import { fitColumns, measureColumns, minTrack } from './fitColumns.ts';
import { type MenuPlace, type RowAction, RowMenu } from './RowMenu.tsx';
import { useElementWidth } from './useElementWidth.ts';
import { useTableKeys } from './useTableKeys.ts';
import { useTableOrder } from './useTableOrder.ts';
import { type Ticks, useTicks } from './useTicks.ts';
import { headHeight, rowHeight, useVirtualRows } from './useVirtualRows.ts';
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
  /** What `onOpen` does, for the list of keys. */
  openText?: string;
  /** Rows of one group follow each other; cells may leave out what repeats while the table keeps its own order. */
  groupKey?: (row: Row) => string;
  empty: ReactNode;
  /** One click opens instead of selecting: for tables that only lead elsewhere. */
  opensOnClick?: boolean;
  /** As tall as its rows instead of as tall as its place. */
  fit?: boolean;
  onEndReached?: () => void;
  /** Gives each row a checkbox. */
  ticks?: Ticks;
  /** The address of a row, for its menu. */
  placeOf?: (row: Row) => string;
  /** What else the menu of a row offers. */
  rowActions?: (row: Row) => readonly RowAction[];
};

const tickTrack = '34px';

/** Rows with unchanged props are not drawn again, so their callbacks stay the same. */
function useRowEvents<Row>(
  table: DataTableProps<Row> & Pick<RowEvents<Row>, 'onTick' | 'onMenu'> & { focusGrid: () => void },
): RowEvents<Row> {
  const latest = useRef(table);
  useEffect(() => {
    latest.current = table;
  });
  return useMemo(
    () => ({
      onOpen: (row) => latest.current.onOpen?.(row),
      onSelect: (row) => {
        const { opensOnClick, onOpen, onSelect, rowKey, focusGrid } = latest.current;
        if (opensOnClick) {
          onOpen?.(row);
          return;
        }
        onSelect(rowKey(row), 'click');
        // The place that was clicked may show another row soon.
        focusGrid();
      },
      onTick: (row, isRange) => {
        latest.current.onTick(row, isRange);
        latest.current.focusGrid();
      },
      onMenu: (at) => latest.current.onMenu(at),
    }),
    [],
  );
}

/** Only another choice scrolls, never another order of the rows: a row that an address names may be far down. */
function useReveal(selectedKey: string | null, reveal: (key: string | null) => void): void {
  const latest = useRef(reveal);
  useEffect(() => {
    latest.current = reveal;
  });
  useEffect(() => latest.current(selectedKey), [selectedKey]);
}

function mainColumnOf<Row>(columns: readonly Column<Row>[]): Column<Row> | undefined {
  return (
    columns.find((column) => column.isMain === true) ?? columns.find((column) => column.value !== undefined)
  );
}

function useColumns<Row>({ columns, rows, ticks }: DataTableProps<Row>) {
  const [width, measure] = useElementWidth();
  const hasTicks = ticks !== undefined;
  const room = hasTicks ? width - minTrack(tickTrack) : width;
  // Rows are drawn again when their columns change, so those stay the same while what they need does.
  const needed = useMemo(() => measureColumns(columns, rows), [columns, rows]);
  const fitting = useMemo(() => fitColumns(columns, needed, room), [columns, needed, room]);
  const tracks = [...(hasTicks ? [tickTrack] : []), ...fitting.map((column) => column.width)];
  return {
    measure,
    columns: fitting,
    template: tracks.join(' '),
    // Each row is a grid of its own: without a common least width each would be as wide as its own text.
    minWidth: tracks.reduce((sum, track) => sum + minTrack(track), 0),
  };
}

/** The chosen row, the focus, the menu and the keys of a table. */
function useTable<Row>(props: DataTableProps<Row>, grid: RefObject<HTMLTableElement | null>) {
  const { rowKey, selectedKey, onSelect, onOpen } = props;
  const { columns, ...layout } = useColumns(props);
  const order = useTableOrder(props);
  const { rows } = order;
  const virtual = useVirtualRows(rows.length, props.onEndReached);
  const ticks = useTicks({ rows, rowKey, ticks: props.ticks });
  const [menu, setMenu] = useState<MenuPlace<Row> | null>(null);
  const tableId = useId();
  const focusGrid = (): void => grid.current?.focus({ preventScroll: true });
  const selectedIndex = useMemo(
    () => (selectedKey === null ? -1 : rows.findIndex((row) => rowKey(row) === selectedKey)),
    [rows, rowKey, selectedKey],
  );
  const selected = rows[selectedIndex];
  const events = useRowEvents({
    ...props,
    focusGrid,
    onMenu: setMenu,
    onTick: (row, isRange) => ticks?.toggle(row, isRange),
  });
  const mainColumn = mainColumnOf(columns);
  const openMenu = (): void => {
    const place = document.getElementById(`${tableId}-${selectedIndex}`) ?? grid.current;
    const { left, bottom } = place?.getBoundingClientRect() ?? { left: 0, bottom: 0 };
    if (selected !== undefined) setMenu({ row: selected, column: mainColumn, x: left + 40, y: bottom });
  };
  const withSelected = (run: (row: Row) => void) => (): void => {
    if (selected !== undefined) run(selected);
  };
  useReveal(selectedKey, () => {
    if (selectedIndex !== -1) virtual.scrollTo(selectedIndex);
  });
  useTableKeys({
    count: rows.length,
    selectedIndex,
    hasFocus: () => grid.current?.contains(document.activeElement) === true,
    onMove: (index) => {
      const row = rows[index];
      if (row === undefined) return;
      onSelect(rowKey(row), 'key');
      // Enter belongs to the row from here on, not to a button that was pressed before.
      focusGrid();
      virtual.scrollTo(index);
    },
    open: onOpen === undefined ? null : { text: props.openText ?? 'Open the row', run: withSelected(onOpen) },
    onLeave: () => onSelect(null, 'key'),
    onCopy: withSelected((row) => mainColumn && copyCell(mainColumn, row)),
    onMenu: openMenu,
    onTick: ticks === null ? null : withSelected((row) => ticks.toggle(row, false)),
  });
  return { ...layout, ...order, columns, virtual, ticks, menu, setMenu, tableId, selectedIndex, events };
}

/** Every table of the page: sorted by its head, walked by keyboard, drawn only where it is looked at. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const grid = useRef<HTMLTableElement>(null);
  const table = useTable(props, grid);
  const { rows, columns, virtual, menu, measure, tableId, selectedIndex } = table;
  const { attachScroller } = virtual;
  const attach = useCallback(
    (element: HTMLDivElement | null) => {
      attachScroller(element);
      return measure(element);
    },
    [attachScroller, measure],
  );
  const fitHeight = headHeight + Math.max(rows.length, 1) * rowHeight + 2;
  return (
    <>
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
          style={{ minWidth: table.minWidth }}
          aria-label={props.label}
          aria-rowcount={rows.length + 1}
          aria-activedescendant={selectedIndex === -1 ? undefined : `${tableId}-${selectedIndex}`}
        >
          <DataTableHead
            columns={columns}
            template={table.template}
            sorting={table.sorting}
            onSort={table.setSorting}
            ticks={table.ticks}
          />
          <DataTableBody {...props} {...table} />
        </table>
        {rows.length === 0 ? <div className={tableStyles.tableEmpty}>{props.empty}</div> : null}
      </div>
      {menu === null ? null : (
        <RowMenu
          at={menu}
          columns={props.columns}
          rowLabel={props.rowLabel}
          placeOf={props.placeOf}
          actions={props.rowActions?.(menu.row) ?? []}
          onClose={() => {
            table.setMenu(null);
            grid.current?.focus({ preventScroll: true });
          }}
        />
      )}
    </>
  );
}
