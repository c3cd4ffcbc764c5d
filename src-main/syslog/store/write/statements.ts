import type Database from 'better-sqlite3';
import type { EncodedBlock } from '../block.ts';
import { encodeColumns } from '../columns.ts';
import { decodePackedColumns } from '../block.ts';
import { codecs } from '../codec.ts';
import { joinParts, type OpenBlock, type Part } from './openBlock.ts';

type SourceRow = {
  id: number;
  appliance: string;
  rank: number;
  off: number;
  line: number;
  last_sort: number | null;
  is_open_line: number;
  is_ended: number;
};
type TailRow = { line0: number; off0: number; cols: Buffer; txt: Buffer };

/** Rows of an open block beyond this number are joined to one, so that a search reads few. */
const maxTailRows = 64;

/** What the writer reads and writes of sources, open blocks and blocks. Call the writing ones in a transaction. */
export function createBlockStatements(sqlite: Database.Database) {
  const source = sqlite.prepare<[number], SourceRow>('SELECT * FROM source WHERE id = ?');
  const tail = sqlite.prepare<[number], TailRow>('SELECT * FROM tail WHERE src = ? ORDER BY line0');
  const addTail = sqlite.prepare(
    'INSERT INTO tail (src, line0, n, off0, cols, txt) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const deleteTail = sqlite.prepare('DELETE FROM tail WHERE src = ?');
  const setEnd = sqlite.prepare(
    'UPDATE source SET off = ?, line = ?, last_sort = ?, is_open_line = ?, is_ended = ? WHERE id = ?',
  );
  const takeFilter = sqlite
    .prepare<[], number>('UPDATE store SET next_filter = next_filter + 1 RETURNING next_filter - 1')
    .pluck();
  const addBlock = sqlite.prepare(
    `INSERT INTO block (appliance, src, rank, line0, n, off0, sort0, sort1, t0, t1, sev, text_bytes, kept_bytes, body_codec,
       cols_codec, filter)
     VALUES (@appliance, @source, @rank, @line0, @count, @offset0, @firstSort, @lastSort, @firstTime, @lastTime, @severities,
       @textBytes, @keptBytes, @bodyCodec, @columnsCodec, @filter)`,
  );
  const addBody = sqlite.prepare('INSERT INTO body VALUES (?, ?)');
  const addColumns = sqlite.prepare('INSERT INTO cols VALUES (?, ?)');
  const addCounts = sqlite.prepare('INSERT INTO word_count VALUES (?, ?)');
  const addFilter = sqlite.prepare('INSERT INTO filter VALUES (?, ?)');

  function insertTail({ source: id }: OpenBlock, at: { line: number; offset: number }, part: Part): void {
    addTail.run(id, at.line, part.columns.count, at.offset, encodeColumns(part.columns), part.text);
  }

  return {
    readOpenBlock: (id: number): OpenBlock | null => {
      const row = source.get(id);
      if (row === undefined) return null;
      const parts = tail.all(id);
      const [oldest] = parts;
      return {
        source: id,
        appliance: row.appliance,
        rank: row.rank,
        offset: row.off,
        line: row.line,
        lastSort: row.last_sort,
        isOpenLine: row.is_open_line === 1,
        isEnded: row.is_ended === 1,
        offset0: oldest?.off0 ?? row.off,
        line0: oldest?.line0 ?? row.line,
        parts: parts.map(({ cols, txt }) => ({
          text: txt,
          columns: decodePackedColumns({ codec: codecs.raw, bytes: cols }),
        })),
        bytes: parts.reduce((sum, { txt }) => sum + txt.length, 0),
      };
    },
    /** Writes the last part of the block, and returns the block with fewer parts if they were many. */
    keepLastPart: (block: OpenBlock): OpenBlock => {
      if (block.parts.length > maxTailRows) {
        const joined = joinParts(block.parts);
        deleteTail.run(block.source);
        insertTail(block, { line: block.line0, offset: block.offset0 }, joined);
        return { ...block, parts: [joined] };
      }
      const part = block.parts.at(-1);
      if (part !== undefined) {
        const at = { line: block.line - part.columns.count, offset: block.offset - part.text.length };
        insertTail(block, at, part);
      }
      return block;
    },
    writeEnd: ({ source: id, offset, line, lastSort, isOpenLine, isEnded }: OpenBlock): void => {
      setEnd.run(offset, line, lastSort, isOpenLine ? 1 : 0, isEnded ? 1 : 0, id);
    },
    replaceTail: (block: OpenBlock, { summary, body, columns, index }: EncodedBlock): void => {
      deleteTail.run(block.source);
      const filter = index === null ? null : (takeFilter.get() ?? null);
      const keptBytes =
        body.bytes.length +
        columns.bytes.length +
        (index === null ? 0 : index.filter.length + index.counts.length);
      const { appliance, source: src, rank, line0, offset0 } = block;
      const { lastInsertRowid: id } = addBlock.run({
        appliance,
        source: src,
        rank,
        line0,
        offset0,
        filter,
        keptBytes,
        ...summary,
        bodyCodec: body.codec,
        columnsCodec: columns.codec,
      });
      addBody.run(id, body.bytes);
      addColumns.run(id, columns.bytes);
      if (index === null) return;
      addCounts.run(id, index.counts);
      addFilter.run(filter, index.filter);
    },
  };
}
