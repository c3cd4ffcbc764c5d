import { useMemo, useRef } from 'react';

/** The keys of the rows ticked for a bulk action. Some may be hidden by the filter. */
export type Ticks = { keys: ReadonlySet<string>; onChange: (keys: ReadonlySet<string>) => void };

/**
 * Ticks a single row, a range from the last ticked row, or all shown rows. Null if the table has no
 * checkboxes.
 */
export function useTicks<Row>(table: {
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  ticks: Ticks | undefined;
}) {
  const { rows, rowKey, ticks } = table;
  const anchor = useRef<string | null>(null);
  const keys = ticks?.keys;
  const count = useMemo(
    () =>
      keys === undefined || keys.size === 0
        ? 0
        : rows.reduce((sum, row) => sum + Number(keys.has(rowKey(row))), 0),
    [rows, rowKey, keys],
  );
  if (ticks === undefined) return null;
  const set = (changed: readonly Row[], isTicked: boolean): void => {
    const next = new Set(ticks.keys);
    for (const row of changed) {
      if (isTicked) next.add(rowKey(row));
      else next.delete(rowKey(row));
    }
    ticks.onChange(next);
  };
  return {
    keys: ticks.keys,
    state: count === 0 ? 'none' : count === rows.length ? 'all' : 'some',
    toggle: (row: Row, isRange: boolean): void => {
      const key = rowKey(row);
      const to = rows.findIndex((other) => rowKey(other) === key);
      const from = isRange ? rows.findIndex((other) => rowKey(other) === anchor.current) : -1;
      anchor.current = key;
      const changed = from === -1 ? [row] : rows.slice(Math.min(from, to), Math.max(from, to) + 1);
      set(changed, !ticks.keys.has(key));
    },
    toggleAll: (): void => set(rows, count < rows.length),
  } as const;
}
