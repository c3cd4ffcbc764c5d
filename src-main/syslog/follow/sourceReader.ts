import { createHash } from 'node:crypto';
import { maxAnchorBytes, maxHeadBytes, type LogSource } from './logSource.ts';

const lineFeed = 0x0a;
/** A batch is cut at the last line end before this many bytes **[ours]**. */
const maxBatchBytes = 256 * 1024;
/** A line of more bytes comes in several pieces, so that memory is bounded **[ours]**. */
export const maxPieceBytes = 1024 * 1024;

export type Piece = { from: number; to: number; bytes: Buffer; source: LogSource };

const nothing = Buffer.alloc(0);

/** Where the first batch of `bytes` ends. Null: the line is not complete yet. */
function findCut(bytes: Buffer): number | null {
  const cut = bytes.subarray(0, maxBatchBytes).lastIndexOf(lineFeed);
  if (cut !== -1) return cut + 1;
  const end = bytes.subarray(maxBatchBytes, maxPieceBytes).indexOf(lineFeed);
  if (end !== -1) return maxBatchBytes + end + 1;
  return bytes.length >= maxPieceBytes ? maxPieceBytes : null;
}

/**
 * Turns the bytes of one file into batches of whole lines that continue `source` without a gap. `head` is what the
 * survey saw of the file. Bytes are given in order from `readFrom` on; the first ones prove that the file is still the
 * one whose lines are kept.
 */
export function createSourceReader(initial: LogSource, surveyedHead: Buffer) {
  let source = initial;
  let head = surveyedHead;
  const anchor = Buffer.from(initial.anchor, 'base64');
  const isFresh = initial.offset === initial.start;
  /** With `start`, begin one byte earlier: if that is a line end, the line at `start` is whole. */
  const readFrom = isFresh && initial.start > 0 ? initial.start - 1 : initial.offset - anchor.length;
  let isSkipping = isFresh && initial.start > 0;
  let unproven = isSkipping ? nothing : anchor;
  let pending: Buffer = nothing;
  let position = readFrom;
  let isDone = initial.end !== null && initial.offset >= initial.end;

  function growHead(at: number, bytes: Buffer): void {
    if (head.length >= maxHeadBytes || at > head.length || at + bytes.length <= head.length) return;
    head = Buffer.concat([head, bytes.subarray(head.length - at)]).subarray(0, maxHeadBytes);
  }

  /** Takes the bytes that must equal the anchor. Returns null if they or the first bytes of the file don't. */
  function prove(bytes: Buffer): Buffer | null {
    const at = position - bytes.length;
    const expected = head.subarray(Math.min(at, head.length), position);
    if (!bytes.subarray(0, expected.length).equals(expected)) return null;
    const count = Math.min(unproven.length, bytes.length);
    if (!bytes.subarray(0, count).equals(unproven.subarray(0, count))) return null;
    unproven = unproven.subarray(count);
    return bytes.subarray(count);
  }

  /** Drops the bytes up to the first line end. */
  function skip(bytes: Buffer): Buffer {
    const end = bytes.indexOf(lineFeed);
    if (end === -1) return nothing;
    isSkipping = false;
    const offset = position - bytes.length + end + 1;
    source = { ...source, start: offset, offset };
    return bytes.subarray(end + 1);
  }

  function cutPiece(length: number): Piece {
    const bytes = pending.subarray(0, length);
    pending = pending.subarray(length);
    const from = source.offset;
    const to = from + length;
    const known = Buffer.concat([Buffer.from(source.anchor, 'base64'), bytes.subarray(-maxAnchorBytes)]);
    source = {
      ...source,
      head: head.toString('base64'),
      offset: to,
      anchor: known.subarray(-maxAnchorBytes).toString('base64'),
    };
    return { from, to, bytes, source };
  }

  /** Cuts so that no line that begins at `end` or later is taken. */
  function limitToEnd(cut: number): number {
    if (source.end === null || source.offset + cut < source.end) return cut;
    const last = pending.indexOf(lineFeed, Math.max(0, source.end - 1 - source.offset));
    if (last === -1 || last + 1 > cut) return cut;
    isDone = true;
    return last + 1;
  }

  return {
    readFrom,
    /** Where the next bytes must begin. */
    position: () => position,
    source: () => source,
    /** Whether the source has reached its `end`. */
    isDone: () => isDone,
    /** Returns the batches that are complete now. Null: this is not the file whose lines are kept. */
    push(bytes: Buffer): Piece[] | null {
      position += bytes.length;
      const proven = prove(bytes);
      if (proven === null) return null;
      growHead(position - bytes.length, bytes);
      const rest = isSkipping ? skip(proven) : proven;
      pending = pending.length === 0 ? rest : Buffer.concat([pending, rest]);
      const pieces: Piece[] = [];
      for (let cut = findCut(pending); cut !== null && !isDone; cut = findCut(pending))
        pieces.push(cutPiece(limitToEnd(cut)));
      // A copy, so that a short rest doesn't keep a large chunk in memory.
      pending = isDone ? nothing : Buffer.from(pending);
      return pieces;
    },
    /** Completes the source. Returns its last batch, which may be empty or have no line end. */
    finish(): Piece {
      const piece = cutPiece(pending.length);
      source = { ...source, isComplete: true };
      return { ...piece, source };
    },
    /** Whether the first `count` bytes of the file, with those that came up to now, have the SHA-256 `hash`. */
    hasHead(count: number, hash: string, bytes: Buffer): boolean {
      const before = head;
      growHead(position, bytes);
      const known = head;
      // Only bytes that belong to the file may become its head.
      head = before;
      if (known.length < count) return false;
      return createHash('sha256').update(known.subarray(0, count)).digest('hex') === hash;
    },
  };
}

export type SourceReader = ReturnType<typeof createSourceReader>;
