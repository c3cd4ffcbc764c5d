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
  /** Returns the row's name for screen readers and tests. */
  rowLabel: (row: Row) => string;
  selectedKey: string | null;
  onSelect: (key: string | null, by: 'click' | 'key') => void;
  /**
   * The sorted column's ID, with `-` before it for descending; empty for the given order. If undefined, the
   * table keeps the state itself.
   */
  sort?: string;
  onSort?: (sort: string) => void;
  /** Called on Enter or a double click. */
  onOpen?: (row: Row) => void;
  /** Describes `onOpen` in the list of keys. */
  openText?: string;
  /**
   * Rows with the same key must be adjacent in `rows`. While the user has not sorted the table, cells may
   * leave out values that repeat within a group.
   */
  groupKey?: (row: Row) => string;
  empty: ReactNode;
  /** Opens a row on the first click instead of selecting it, for tables that only link elsewhere. */
  opensOnClick?: boolean;
  /** Makes the table as tall as its rows. By default it fills the available height. */
  fit?: boolean;
  onEndReached?: () => void;
  /** Gives each row a checkbox. */
  ticks?: Ticks;
  /** Returns the address of a row, for the row's menu. */
  placeOf?: (row: Row) => string;
  /** Returns further actions for the row's menu. */
  rowActions?: (row: Row) => readonly RowAction[];
};

const tickTrack = '34px';

/** The callbacks never change, because rows with unchanged props are not rendered again. */
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
        // Focus the table instead of the clicked row, which may soon be reused for another row.
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

/** Scrolls to the selected row when the selection changes, but not when the order of rows changes. */
function useReveal(selectedKey: string | null, reveal: (key: string | null) => void): void {
  const latest = useRef(reveal);
  useEffect(() => {
    latest.current = reveal;
  });
  useEffect(() => latest.current(selectedKey), [selectedKey]);
}

function findMainColumn<Row>(columns: readonly Column<Row>[]): Column<Row> | undefined {
  return (
    columns.find((column) => column.isMain === true) ?? columns.find((column) => column.value !== undefined)
  );
}

function useColumns<Row>({ columns, rows, ticks }: DataTableProps<Row>) {
  const [width, measure] = useElementWidth();
  const hasTicks = ticks !== undefined;
  const room = hasTicks ? width - minTrack(tickTrack) : width;
  // Keeps the columns unchanged while their widths are, because a change renders every row again.
  const needed = useMemo(() => measureColumns(columns, rows), [columns, rows]);
  const fitting = useMemo(() => fitColumns(columns, needed, room), [columns, needed, room]);
  const tracks = [...(hasTicks ? [tickTrack] : []), ...fitting.map((column) => column.width)];
  return {
    measure,
    columns: fitting,
    template: tracks.join(' '),
    // Each row is a separate grid. A common minimum width keeps their columns aligned.
    minWidth: tracks.reduce((sum, track) => sum + minTrack(track), 0),
  };
}

/** The selected row, the focus, the menu and the keys of a table. */
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
  const mainColumn = findMainColumn(columns);
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
    hasFocus: () =>
      grid.current?.contains(document.activeElement) === true ||
      document.activeElement?.matches('main h1') === true,
    onMove: (index) => {
      const row = rows[index];
      if (row === undefined) return;
      onSelect(rowKey(row), 'key');
      // Focus the table, so that Enter opens the row instead of pressing a button that had the focus.
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

/** The table used on all pages: sortable, operated by keyboard, and rendering only the visible rows. */
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
