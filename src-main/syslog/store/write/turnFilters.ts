import type Database from 'better-sqlite3';
import { bytesOfFilterPerRow, filtersPerGroup, rowsPerGroup, turnRow } from '../bloom/slices.ts';

/** Rows that one step writes: a few milliseconds **[ours]**. */
const rowsPerStep = 32;

/** Turns the filters of 64 blocks at a time, in small steps. A restart continues where the last step ended. */
export function createFilterTurner(sqlite: Database.Database) {
  const oldest = sqlite.prepare<[], number | null>('SELECT min(n) FROM filter').pluck();
  const nextFilter = sqlite.prepare<[], number>('SELECT next_filter FROM store').pluck();
  const lastRow = sqlite
    .prepare<[number, number], number | null>('SELECT max(id) FROM slice WHERE id >= ? AND id < ?')
    .pluck();
  const parts = sqlite.prepare<[number, number, number, number], { n: number; part: Buffer }>(
    'SELECT n, substr(bloom, ?, ?) AS part FROM filter WHERE n >= ? AND n < ?',
  );
  const addRow = sqlite.prepare('INSERT INTO slice VALUES (?, ?)');
  const deleteFilters = sqlite.prepare('DELETE FROM filter WHERE n >= ? AND n < ?');

  return {
    /** Does one step in the transaction of the caller. Returns false if there is nothing to turn. */
    step: (): boolean => {
      const first = oldest.get() ?? null;
      if (first === null) return false;
      const group = Math.floor(first / filtersPerGroup);
      const [from, to] = [group * filtersPerGroup, (group + 1) * filtersPerGroup];
      if (to > (nextFilter.get() ?? 0)) return false;
      const firstRow = group * rowsPerGroup;
      const endRow = firstRow + rowsPerGroup;
      const start = (lastRow.get(firstRow, endRow) ?? firstRow - 1) + 1;
      const end = Math.min(endRow, start + rowsPerStep);
      const [at, bytes] = [start - firstRow, end - start].map((rows) => rows * bytesOfFilterPerRow);
      const found = parts.all((at ?? 0) + 1, bytes ?? 0, from, to);
      const byPlace = new Map(found.map(({ n, part }) => [n - from, part]));
      for (let row = start; row < end; row += 1)
        addRow.run(row, turnRow(byPlace, (row - start) * bytesOfFilterPerRow));
      if (end === endRow) deleteFilters.run(from, to);
      return true;
    },
  };
}
