import type { Column } from './column.ts';

/** Width of the scroll bar beside the columns, pixels. */
const scrollBarWidth = 12;

/** Returns the minimum width of a track like `84px` or `minmax(84px, 1fr)`, pixels. */
export function minTrack(width: string): number {
  return Number(/(\d+)px/u.exec(width)?.[1] ?? 0);
}

/** Width reserved per character of a cell, pixels; slightly more than the page's font needs. */
const charWidth = 7.2;
const cellPadding = 20;

/**
 * Returns the CSS track of each column for these rows, joined in one text; empty for a hidden column. A text,
 * so that equal tracks compare as equal.
 */
export function measureColumns<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  return columns
    .map(({ width, value, maxChars, hidesEmpty }) => {
      if (hidesEmpty === true && rows.every((row) => (value?.(row) ?? null) === null)) return '';
      if (maxChars === undefined) return width;
      const longest = rows.reduce((most, row) => Math.max(most, String(value?.(row) ?? '').length), 0);
      const needed = Math.ceil(Math.min(longest, maxChars) * charWidth) + cellPadding;
      return `${Math.max(minTrack(width), needed)}px`;
    })
    .join('|');
}

/**
 * Returns the columns that fit into `width` pixels at their minimum widths, lowest ranks first. Always
 * includes rank 1. `tracks` is from `measureColumns`.
 */
export function fitColumns<Row>(
  all: readonly Column<Row>[],
  tracks: string,
  width: number,
): readonly Column<Row>[] {
  const widths = tracks.split('|');
  const columns = all
    .map((column, index) => ({ ...column, width: widths[index] ?? '' }))
    .filter((column) => column.width !== '');
  let left = width - scrollBarWidth;
  const fitting = new Set<string>();
  for (const { id, width: track, rank } of columns.toSorted((a, b) => a.rank - b.rank)) {
    left -= minTrack(track);
    if (left < 0 && rank > 1) break;
    fitting.add(id);
  }
  return columns.filter(({ id }) => fitting.has(id));
}
