import type Database from 'better-sqlite3';
import { decodePackedColumns, decodeText, type Lines } from '../block.ts';
import { codecs } from '../codec.ts';
import type { LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';
import { joinParts } from '../write/openBlock.ts';

/** What is known of a sealed block without reading it. Times are epoch milliseconds. */
export type BlockRow = {
  id: number;
  appliance: string;
  src: number;
  rank: number;
  line0: number;
  n: number;
  /** Where its text starts in the file, in bytes. */
  off0: number;
  sort0: number;
  sort1: number;
  t0: number;
  t1: number;
  sev: number;
  bodyCodec: number;
  colsCodec: number;
  filter: number | null;
};

/** The end of a source when a search starts, and its lines that are in no block yet. */
export type SourceEnd = {
  source: number;
  rank: number;
  appliance: string;
  /** Lines before this one are in blocks or were removed. */
  tailFrom: number;
  end: number;
  lastSort: number;
  prunedLine: number;
  prunedSort: number | null;
};

/** A gap as the follower described it, before a line of a source; `lastSort` is the sort time of the line before it. */
export type GapRow = {
  appliance: string;
  source: number | null;
  rank: number;
  line: number;
  lastSort: number | null;
  gap: string;
};

/** Gaps that are returned at once, the newest ones **[ours]**. */
const maxGaps = 10_000;

/** Lines that follow each other in a source. */
export type LineRun = {
  appliance: string;
  source: number;
  rank: number;
  line0: number;
  off0: number;
  lines: Lines;
};

const blockColumns =
  'id, appliance, src, rank, line0, n, off0, sort0, sort1, t0, t1, sev, body_codec AS bodyCodec, cols_codec AS colsCodec, filter';

/** Reads blocks and open lines. Each method sees one state of the store. */
export function createBlockReader(sqlite: Database.Database) {
  const ends = sqlite.prepare<[], SourceEnd>(
    `SELECT s.id AS source, s.rank, s.appliance, coalesce((SELECT min(line0) FROM tail t WHERE t.src = s.id), s.line) AS tailFrom,
       s.line AS "end", coalesce(s.last_sort, 0) AS lastSort, s.pruned_line AS prunedLine, s.pruned_sort AS prunedSort
     FROM source s WHERE s.line > s.pruned_line OR s.pruned_line > 0`,
  );
  const older = sqlite.prepare<[number, number, number, number, number, number, number], BlockRow>(
    `SELECT ${blockColumns} FROM block WHERE (sort1, rank, src, line0) < (?, ?, ?, ?) AND sort1 >= ? AND sort0 <= ?
     ORDER BY sort1 DESC, rank DESC, src DESC, line0 DESC LIMIT ?`,
  );
  const newer = sqlite.prepare<[number, number, number, number, number, number, number], BlockRow>(
    `SELECT ${blockColumns} FROM block WHERE (sort0, rank, src, line0) > (?, ?, ?, ?) AND sort1 >= ? AND sort0 <= ?
     ORDER BY sort0, rank, src, line0 LIMIT ?`,
  );
  const covering = sqlite.prepare<[number, number, number], BlockRow>(
    `SELECT ${blockColumns} FROM block WHERE src = ? AND line0 < ? AND line0 + n > ? ORDER BY line0`,
  );
  const range = sqlite.prepare<[string], { first: number | null; last: number | null }>(
    'SELECT min(sort0) AS first, max(sort1) AS last FROM block WHERE src IN (SELECT value FROM json_each(?))',
  );
  const blockLines = sqlite
    .prepare<[string], number>(
      'SELECT coalesce(sum(n), 0) FROM block WHERE src IN (SELECT value FROM json_each(?))',
    )
    .pluck();
  const sourceRow = sqlite.prepare<[number], { appliance: string; rank: number }>(
    'SELECT appliance, rank FROM source WHERE id = ?',
  );
  const gaps = sqlite.prepare<[string, number], GapRow>(
    `SELECT g.appliance, g.src AS source, g.rank, g.line, g.gap,
       CASE WHEN g.line >= s.line THEN s.last_sort ELSE
         (SELECT max(sort1) FROM block b WHERE b.src = g.src AND b.line0 < g.line) END AS lastSort
     FROM gap g LEFT JOIN source s ON s.id = g.src
     WHERE g.appliance IN (SELECT value FROM json_each(?)) ORDER BY g.rank DESC, g.line DESC LIMIT ?`,
  );
  const tail = sqlite.prepare<[number], { line0: number; off0: number; cols: Buffer; txt: Buffer }>(
    'SELECT line0, off0, cols, txt FROM tail WHERE src = ? ORDER BY line0',
  );
  const tailStart = sqlite
    .prepare<[number], Buffer>('SELECT cols FROM tail WHERE src = ? ORDER BY line0 LIMIT 1')
    .pluck();
  const body = sqlite.prepare<[number], Buffer>('SELECT z FROM body WHERE id = ?').pluck();
  const columns = sqlite.prepare<[number], Buffer>('SELECT z FROM cols WHERE id = ?').pluck();
  const counts = sqlite.prepare<[number], Buffer>('SELECT counts FROM word_count WHERE id = ?').pluck();
  const filter = sqlite.prepare<[number], Buffer>('SELECT bloom FROM filter WHERE n = ?').pluck();
  const slice = sqlite.prepare<[number], Buffer>('SELECT bits FROM slice WHERE id = ?').pluck();

  const readText = ({ id, bodyCodec }: BlockRow): Buffer | null => {
    const bytes = body.get(id);
    return bytes === undefined ? null : decodeText({ codec: bodyCodec, bytes });
  };
  const readColumns = ({ id, colsCodec }: BlockRow) => {
    const bytes = columns.get(id);
    return bytes === undefined ? null : decodePackedColumns({ codec: colsCodec, bytes });
  };

  return {
    readText,
    readColumns,
    counts: (id: number) => counts.get(id) ?? null,
    filter: (number: number) => filter.get(number) ?? null,
    slice: (row: number) => slice.get(row) ?? null,
    gaps: (appliances: readonly string[]): GapRow[] =>
      gaps.all(JSON.stringify(appliances), maxGaps).toReversed(),
    sourceEnds: (): SourceEnd[] => ends.all(),
    /** The sort times of the sealed lines of sources; null if there are none. */
    timeRange: (sources: readonly number[]) =>
      range.get(JSON.stringify(sources)) ?? { first: null, last: null },
    /** The columns of the first open lines of a source; null if no line is open. */
    firstOpenColumns: (source: number) => {
      const bytes = tailStart.get(source);
      return bytes === undefined ? null : decodePackedColumns({ codec: codecs.raw, bytes });
    },
    /** How many lines of sources are kept. */
    countLines: (sources: readonly SourceEnd[]): number => {
      const open = sources.reduce((sum, { tailFrom, end }) => sum + end - tailFrom, 0);
      return open + (blockLines.get(JSON.stringify(sources.map(({ source }) => source))) ?? 0);
    },
    /** Blocks of a time range in the order in which a search reads them, after a block's key. */
    next: (search: {
      order: 'newest' | 'oldest';
      after: LineKey;
      from: number;
      to: number;
      limit: number;
    }): BlockRow[] => {
      const { after, from, to, limit } = search;
      const statement = search.order === 'newest' ? older : newer;
      return statement.all(after.sort, after.rank, after.source, after.line, from, to, limit);
    },
    /** The blocks with lines of the range. */
    covering: (source: number, range: { from: number; to: number }): BlockRow[] =>
      covering.all(source, range.to, range.from),
    /** The lines of a source from `from` to before `to` that are kept, wherever they are now. */
    readRuns: (source: number, range: { from: number; to: number }): LineRun[] =>
      sqlite
        .transaction(() => {
          const { appliance = '', rank = 0 } = sourceRow.get(source) ?? {};
          const runs: LineRun[] = [];
          for (const row of covering.all(source, range.to, range.from)) {
            const [text, known] = [readText(row), readColumns(row)];
            if (text !== null && known !== null)
              runs.push({
                appliance,
                source,
                rank,
                line0: row.line0,
                off0: row.off0,
                lines: { text, columns: known },
              });
          }
          const rows = tail.all(source).filter(({ line0 }) => line0 < range.to);
          const parts = rows.map(({ cols, txt }) => ({
            text: txt,
            columns: decodePackedColumns({ codec: codecs.raw, bytes: cols }),
          }));
          const [oldest] = rows;
          if (oldest !== undefined)
            runs.push({
              appliance,
              source,
              rank,
              line0: oldest.line0,
              off0: oldest.off0,
              lines: joinParts(parts),
            });
          return runs;
        })
        .deferred(),
  };
}

export type BlockReader = ReturnType<typeof createBlockReader>;
