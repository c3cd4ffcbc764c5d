import { decodeColumns, encodeColumns, sortTimes, type Columns } from './columns.ts';
import { bestCodec, pack, unpack, type Codec, type Packed } from './codec.ts';
import { findLineEnds } from './pieces.ts';
import type { createWordIndexer, WordIndex } from './wordIndex.ts';

/** Bytes of text in a block. */
export const maxBlockBytes = 256 * 1024;
/** More than the columns of the most lines that a block may have. */
const maxColumnBytes = 64 * 2 ** 20;
/** Room for the columns of a usual block, so that they are unpacked in one piece. */
const usualColumnBytes = 48 * 1024;

/** Text of whole lines, or of cut ones, and what is known of them. */
export type Lines = { text: Buffer; columns: Columns };

/** What chooses blocks before they are read. Times are epoch milliseconds by the console's clock. */
export type BlockSummary = {
  count: number;
  textBytes: number;
  /** Bit n is set if a line has severity n; `noSeverity` for lines without one. */
  severities: number;
  firstSort: number;
  lastSort: number;
  firstTime: number;
  lastTime: number;
};

export type EncodedBlock = {
  summary: BlockSummary;
  body: Packed;
  columns: Packed;
  index: WordIndex | null;
};

export function summarize({ text, columns }: Lines): BlockSummary {
  const sort = sortTimes(columns);
  let severities = 0;
  let firstTime = Number.POSITIVE_INFINITY;
  let lastTime = Number.NEGATIVE_INFINITY;
  for (let line = 0; line < columns.count; line += 1) {
    severities |= 1 << (columns.severity[line] ?? 0);
    const time = columns.time[line] ?? 0;
    firstTime = Math.min(firstTime, time);
    lastTime = Math.max(lastTime, time);
  }
  return {
    count: columns.count,
    textBytes: text.length,
    severities,
    firstSort: sort[0] ?? 0,
    lastSort: sort[columns.count - 1] ?? 0,
    firstTime,
    lastTime,
  };
}

export function encodeBlock(
  lines: Lines,
  indexer: ReturnType<typeof createWordIndexer>,
  codec: Codec = bestCodec,
): EncodedBlock {
  const ends = findLineEnds(lines.text, lines.columns.count, lines.columns.breaks);
  return {
    summary: summarize(lines),
    body: pack(lines.text, codec),
    columns: pack(encodeColumns(lines.columns), codec),
    index: indexer.index({ ...lines, ends }),
  };
}

export function decodeText(packed: { codec: number; bytes: Buffer }): Buffer {
  return unpack({ ...packed, maxBytes: maxBlockBytes, expectedBytes: maxBlockBytes });
}

export function decodePackedColumns(packed: { codec: number; bytes: Buffer }): Columns {
  return decodeColumns(unpack({ ...packed, maxBytes: maxColumnBytes, expectedBytes: usualColumnBytes }));
}
