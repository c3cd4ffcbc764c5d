import type { Column } from './column.ts';

/** The room that the scroll bar takes beside the columns, pixels. */
const scrollBarWidth = 12;

/** The pixels that a track like `84px` or `minmax(84px, 1fr)` never goes below. */
export function minTrack(width: string): number {
  return Number(/(\d+)px/u.exec(width)?.[1] ?? 0);
}

/** As many columns, the lowest ranks first, as fit `width` pixels at their minimum widths; at least those of the first rank. */
export function fitColumns<Row>(columns: readonly Column<Row>[], width: number): readonly Column<Row>[] {
  let left = width - scrollBarWidth;
  let lastRank = 1;
  for (const column of columns.toSorted((a, b) => a.rank - b.rank)) {
    left -= minTrack(column.width);
    if (left < 0) break;
    lastRank = column.rank;
  }
  return columns.filter(({ rank }) => rank <= lastRank);
}
