import { safeTitle } from '../text/safeTitle.ts';
import type { SortingState } from '@tanstack/react-table';
import type { Column } from './column.ts';
import table from './table.module.css';

/** Returns the sorting after a click on a column: ascending, then descending, then the given order. */
function nextSorting(sorting: SortingState, id: string): SortingState {
  const [current] = sorting;
  if (current?.id !== id) return [{ id, desc: false }];
  return current.desc ? [] : [{ id, desc: true }];
}

export function DataTableHead<Row>({
  columns,
  template,
  sorting,
  onSort,
  ticks,
}: {
  columns: readonly Column<Row>[];
  template: string;
  sorting: SortingState;
  onSort: (sorting: SortingState) => void;
  /** Null if the table has no checkboxes. */
  ticks: { state: 'none' | 'some' | 'all'; toggleAll: () => void } | null;
}) {
  return (
    <thead>
      <tr className={table.tableHead} style={{ gridTemplateColumns: template }} aria-rowindex={1}>
        {ticks === null ? null : (
          <th data-tick="">
            <input
              type="checkbox"
              aria-label="Select all rows shown"
              checked={ticks.state === 'all'}
              ref={(box) => {
                if (box !== null) box.indeterminate = ticks.state === 'some';
              }}
              onChange={ticks.toggleAll}
            />
          </th>
        )}
        {columns.map((column) => {
          const active = sorting.find((entry) => entry.id === column.id);
          const order = active === undefined ? 'none' : active.desc ? 'descending' : 'ascending';
          return (
            <th key={column.id} aria-sort={order} data-end={column.end} title={safeTitle(column.title)}>
              {column.value === undefined ? (
                <span>{column.header}</span>
              ) : (
                <button type="button" onClick={() => onSort(nextSorting(sorting, column.id))}>
                  {column.header}
                  {order === 'none' ? '' : order === 'ascending' ? ' ↑' : ' ↓'}
                </button>
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
