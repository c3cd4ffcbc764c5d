import type Database from 'better-sqlite3';
import { z } from 'zod';
import { filtersPerGroup, rowsPerGroup } from '../bloom/slices.ts';

/** How much to keep of each appliance: bytes on the disk, and age by the time of the lines. */
export const keepLimitsSchema = z.object({
  maxBytes: z.number().positive(),
  maxAgeMs: z.number().positive(),
});
export type KeepLimits = z.infer<typeof keepLimitsSchema>;

/** Blocks that one step removes **[ours]**. */
const blocksPerStep = 16;
/** Pages that one step gives back to the file system **[ours]**. */
const pagesPerStep = 64;
/** Free pages are used again; only more than this share is given back. */
const maxFreeShare = 0.2;
const minFreePages = 1024;

type Oldest = { id: number; src: number; line0: number; n: number; sort1: number; filter: number | null };

/** Removes the oldest blocks of appliances beyond their limits, in small steps. */
export function createPruner(sqlite: Database.Database) {
  const keptBytes = sqlite.prepare<[], { appliance: string; bytes: number; sort1: number }>(
    'SELECT appliance, sum(kept_bytes) AS bytes, min(sort1) AS sort1 FROM block GROUP BY appliance',
  );
  const oldest = sqlite.prepare<[string, number], Oldest & { kept_bytes: number }>(
    `SELECT id, src, line0, n, sort1, filter, kept_bytes FROM block WHERE appliance = ?
     ORDER BY sort1, src, line0 LIMIT ?`,
  );
  const deletes = ['block', 'body', 'cols', 'word_count'].map((table) =>
    sqlite.prepare(`DELETE FROM ${table} WHERE id = ?`),
  );
  const deleteFilter = sqlite.prepare('DELETE FROM filter WHERE n = ?');
  const hasFilters = sqlite
    .prepare<[number, number], number>('SELECT EXISTS (SELECT 1 FROM block WHERE filter >= ? AND filter < ?)')
    .pluck();
  const deleteSlices = sqlite.prepare('DELETE FROM slice WHERE id >= ? AND id < ?');
  const setPruned = sqlite.prepare(
    'UPDATE source SET pruned_line = max(pruned_line, ?), pruned_sort = max(coalesce(pruned_sort, ?), ?) WHERE id = ?',
  );
  const deleteGaps = sqlite.prepare('DELETE FROM gap WHERE src = ? AND line < ?');

  function remove(block: Oldest): void {
    for (const statement of deletes) statement.run(block.id);
    const end = block.line0 + block.n;
    setPruned.run(end, block.sort1, block.sort1, block.src);
    deleteGaps.run(block.src, end);
    if (block.filter === null) return;
    deleteFilter.run(block.filter);
    const group = Math.floor(block.filter / filtersPerGroup);
    if (hasFilters.get(group * filtersPerGroup, (group + 1) * filtersPerGroup) === 0)
      deleteSlices.run(group * rowsPerGroup, (group + 1) * rowsPerGroup);
  }
  const pragma = (name: string) => z.number().parse(sqlite.pragma(name, { simple: true }));

  return {
    /** Does one step in the transaction of the caller. Returns false if nothing is beyond its limits. */
    step: (limitsOf: (applianceId: string) => KeepLimits, now: number): boolean => {
      for (const { appliance, bytes, sort1 } of keptBytes.all()) {
        const { maxBytes, maxAgeMs } = limitsOf(appliance);
        if (bytes <= maxBytes && sort1 >= now - maxAgeMs) continue;
        let left = bytes;
        for (const block of oldest.all(appliance, blocksPerStep)) {
          if (left <= maxBytes && block.sort1 >= now - maxAgeMs) break;
          remove(block);
          left -= block.kept_bytes;
        }
        return true;
      }
      return false;
    },
    /** Gives pages back if many are free. Outside of a transaction. Returns false if there are few. */
    shrink: (): boolean => {
      const free = pragma('freelist_count');
      if (free < minFreePages || free < pragma('page_count') * maxFreeShare) return false;
      sqlite.pragma(`incremental_vacuum(${pagesPerStep})`);
      return true;
    },
  };
}
