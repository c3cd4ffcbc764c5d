import { createHeap } from '../../../../src-shared/base/heap.ts';
import type { BlockReader, BlockRow, SourceEnd } from '../read/blockReader.ts';
import { type LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';
import { compareKeys, type SearchOrder } from './searchSpec.ts';

/**
 * Lines to search together: a sealed block, or the lines of a source that were open when the search began. `bound`: no line
 * of the unit comes before it. `after`: lines up to this one were searched.
 */
export type Unit = {
  bound: LineKey;
  after: LineKey | null;
} & ({ kind: 'block'; row: BlockRow } | { kind: 'tail'; source: SourceEnd });

/** Rows of blocks that are read at once. */
const rowsPerRead = 64;

function boundOf(order: SearchOrder, row: BlockRow): LineKey {
  return order === 'newest'
    ? { sort: row.sort1, rank: row.rank, source: row.src, line: row.line0 + row.n - 1 }
    : { sort: row.sort0, rank: row.rank, source: row.src, line: row.line0 };
}

function tailBound(order: SearchOrder, { source, rank, lastSort, tailFrom, end }: SourceEnd): LineKey {
  // When the open lines begin is not known before they are read.
  return order === 'newest'
    ? { sort: lastSort, rank, source, line: end - 1 }
    : { sort: Number.NEGATIVE_INFINITY, rank, source, line: tailFrom };
}

/**
 * All units of a search in order of their bounds, after `cursor`. Blocks that were sealed since the search began are left
 * out: their lines belong to the open lines, or are too new.
 */
export function createUnits(options: {
  reader: BlockReader;
  order: SearchOrder;
  ends: ReadonlyMap<number, SourceEnd>;
  from: number;
  to: number;
  cursor: LineKey | null;
}) {
  const { reader, order, ends, cursor } = options;
  const from = order === 'oldest' && cursor !== null ? Math.max(options.from, cursor.sort) : options.from;
  const to = order === 'newest' && cursor !== null ? Math.min(options.to, cursor.sort) : options.to;
  const others = createHeap<Unit>((left, right) => compareKeys(order, left.bound, right.bound));
  const edge = order === 'newest' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  let after = { sort: edge, rank: edge, source: edge, line: edge };
  let rows: BlockRow[] = [];
  let isLast = false;

  for (const source of ends.values())
    if (source.tailFrom < source.end)
      others.push({ kind: 'tail', source, bound: tailBound(order, source), after: cursor });

  function nextRow(): BlockRow | undefined {
    for (;;) {
      const [row] = rows;
      if (row !== undefined) {
        const end = ends.get(row.src);
        if (end !== undefined && row.line0 < end.tailFrom) return row;
        rows.shift();
      } else if (isLast) return undefined;
      else {
        rows = reader.next({ order, after, from, to, limit: rowsPerRead });
        isLast = rows.length < rowsPerRead;
        const last = rows.at(-1);
        if (last !== undefined)
          after = {
            sort: order === 'newest' ? last.sort1 : last.sort0,
            rank: last.rank,
            source: last.src,
            line: last.line0,
          };
      }
    }
  }
  function peek(): Unit | undefined {
    const row = nextRow();
    const other = others.peek();
    if (row === undefined) return other;
    const block: Unit = { kind: 'block', row, bound: boundOf(order, row), after: cursor };
    return other !== undefined && compareKeys(order, other.bound, block.bound) < 0 ? other : block;
  }

  return {
    peek,
    take: (): Unit | undefined => {
      const unit = peek();
      if (unit !== undefined && unit === others.peek()) others.pop();
      else rows.shift();
      return unit;
    },
    /** Adds what is left of a unit. */
    push: (unit: Unit): void => others.push(unit),
  };
}

export type Units = ReturnType<typeof createUnits>;
