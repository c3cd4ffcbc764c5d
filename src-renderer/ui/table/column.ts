import type { ReactNode } from 'react';

/**
 * A column. `width` is a CSS grid track. `value` is used to sort and copy; without it, the column can't do
 * either.
 */
export type Column<Row> = {
  id: string;
  header: string;
  width: string;
  /** A narrow table hides the columns with the highest ranks first. Columns of rank 1 are always shown. */
  rank: number;
  /** The column grows beyond its minimum width to fit the longest value, up to this many characters. */
  maxChars?: number;
  /** The column is hidden while no row has a value. */
  hidesEmpty?: boolean;
  cell: (row: Row, context: { repeated: boolean }) => ReactNode;
  value?: (row: Row) => string | number | null;
  end?: boolean;
  title?: string;
  /** `c` copies this column's value. Default: the first column. */
  isMain?: boolean;
};
