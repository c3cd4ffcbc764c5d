import { maxBlockBytes } from '../block.ts';
import {
  joinColumns,
  maxBlockLines,
  readColumns,
  sortTimes,
  type Arrival,
  type Columns,
} from '../columns.ts';

/** Lines of a source that came together. */
export type Part = { columns: Columns; text: Buffer };

/** The end of a source: where it continues, and the lines that are in no block yet. Never changed in place. */
export type OpenBlock = {
  source: number;
  appliance: string;
  rank: number;
  /** Where the next bytes start in the file, and the number of the next line. */
  offset: number;
  line: number;
  lastSort: number | null;
  isOpenLine: boolean;
  isEnded: boolean;
  /** The start of the open block. */
  offset0: number;
  line0: number;
  parts: readonly Part[];
  bytes: number;
};

/** The block is sealed at this size. It differs by source, so that a hundred sources don't fill blocks together. */
export function sealBytes(source: number): number {
  return maxBlockBytes - (Math.imul(source, 0x9e37_79b1) >>> 16);
}

export function isFull({ source, bytes, line, line0 }: OpenBlock): boolean {
  return bytes >= sealBytes(source) || line - line0 >= maxBlockLines;
}

/** How many of the lines from `first` on fit into the block. `ends`: where the lines end in the batch. */
export function countFitting(block: OpenBlock, ends: readonly number[], first: number): number {
  const from = ends[first - 1] ?? 0;
  const target = sealBytes(block.source);
  const maxCount = maxBlockLines - (block.line - block.line0);
  let count = 0;
  while (count < maxCount && first + count < ends.length) {
    const bytes = block.bytes + (ends[first + count] ?? 0) - from;
    if (bytes > maxBlockBytes) break;
    count += 1;
    if (bytes >= target) break;
  }
  return count;
}

/** The block with more lines at its end. `ends`: where the lines end in `text`. */
export function addLines(
  block: OpenBlock,
  text: Buffer,
  ends: readonly number[],
  arrival: Omit<Arrival, 'line'>,
): { block: OpenBlock; part: Part } {
  const columns = readColumns({
    text,
    ends,
    arrival,
    continues: block.isOpenLine,
    sortBefore: block.lastSort,
  });
  const part = { columns, text };
  const next = {
    ...block,
    offset: block.offset + text.length,
    line: block.line + columns.count,
    lastSort: sortTimes(columns)[columns.count - 1] ?? block.lastSort,
    isOpenLine: text.length === 0 ? block.isOpenLine : text[text.length - 1] !== 0x0a,
    parts: [...block.parts, part],
    bytes: block.bytes + text.length,
  };
  return { block: next, part };
}

/** All lines of the block as one part. */
export function joinParts(parts: readonly Part[]): Part {
  const [only, ...others] = parts;
  if (only !== undefined && others.length === 0) return only;
  return {
    text: Buffer.concat(parts.map(({ text }) => text)),
    columns: joinColumns(parts.map(({ columns, text }) => ({ columns, bytes: text.length }))),
  };
}

/** The block after its lines were sealed. */
export function emptied(block: OpenBlock): OpenBlock {
  return { ...block, offset0: block.offset, line0: block.line, parts: [], bytes: 0 };
}
