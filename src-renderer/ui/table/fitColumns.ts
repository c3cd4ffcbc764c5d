import type { Column } from './column.ts';

/** The room that the scroll bar takes beside the columns, pixels. */
const scrollBarWidth = 12;

/** The pixels that a track like `84px` or `minmax(84px, 1fr)` never goes below. */
export function minTrack(width: string): number {
  return Number(/(\d+)px/u.exec(width)?.[1] ?? 0);
}

/** Of a cell's text, pixels; a little more than the page's font needs. */
const charWidth = 7.2;
const cellPadding = 20;

/** The track that each column needs for these rows, in one text: equal for equal tracks. Empty for a column left out. */
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

/** As many columns, the lowest ranks first, as fit `width` pixels at their minimum widths; at least those of the first rank. `tracks`: from `measureColumns`. */
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
  let lastRank = 1;
  for (const column of columns.toSorted((a, b) => a.rank - b.rank)) {
    left -= minTrack(column.width);
    if (left < 0) break;
    lastRank = column.rank;
  }
  return columns.filter(({ rank }) => rank <= lastRank);
}
