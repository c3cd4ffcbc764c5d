import type { ReactNode } from 'react';

/** A column. `width` is a CSS grid track. `value` sorts and copies; without it the column does neither. */
export type Column<Row> = {
  id: string;
  header: string;
  width: string;
  /** A narrow table keeps the columns of the lowest ranks; those of rank 1 never go. */
  rank: number;
  /** Grows from its minimum width to hold the longest value, up to this many characters. */
  maxChars?: number;
  /** Left out while no row has a value. */
  hidesEmpty?: boolean;
  cell: (row: Row, context: { repeated: boolean }) => ReactNode;
  value?: (row: Row) => string | number | null;
  end?: boolean;
  title?: string;
  /** The value that `c` copies; else the first column's. */
  isMain?: boolean;
};
