import { maxLineBytes } from '../../../src-shared/model/syslog/syslogParse.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** The longest piece of a line that is kept as one line, with its line end. The rest continues on further lines. */
export const maxPieceBytes = maxLineBytes;

/**
 * Cuts text into lines, none longer than `maxPieceBytes`. Returns where each ends, after its newline. The last may have no
 * newline. A line is cut before a character, never inside one.
 */
export function cutLines(text: Buffer): number[] {
  const ends: number[] = [];
  let from = 0;
  while (from < text.length) {
    const feed = text.indexOf(lineFeed, from);
    const end = feed === -1 ? text.length : feed + 1;
    while (end - from > maxPieceBytes) {
      from = cutBefore(text, from + maxPieceBytes);
      ends.push(from);
    }
    ends.push(end);
    from = end;
  }
  return ends;
}

/** The start of the character at `at`, or `at` if the bytes are not UTF-8. */
function cutBefore(text: Buffer, at: number): number {
  for (let back = 0; back < 4; back += 1) if (((text[at - back] ?? 0) & 0xc0) !== 0x80) return at - back;
  return at;
}

/** Where each line of whole lines ends, four bytes at a time: every scanned block passes here. */
function findFeeds(text: Buffer, count: number): Uint32Array {
  const ends = new Uint32Array(count);
  const head = Math.min(text.length, (4 - (text.byteOffset & 3)) & 3);
  const quadCount = (text.length - head) >>> 2;
  // A text that ends before the next address of four bytes has none, and an array can't begin elsewhere.
  const quads =
    quadCount === 0 ? new Int32Array() : new Int32Array(text.buffer, text.byteOffset + head, quadCount);
  let line = 0;
  for (let at = 0; at < head; at += 1) if (text[at] === lineFeed) ends[line++] = at + 1;
  for (let quad = 0; quad < quads.length; quad += 1) {
    // A byte of zero is where the newline was.
    const bytes = (quads[quad] ?? 0) ^ 0x0a0a0a0a;
    if (((bytes - 0x01010101) & ~bytes & 0x80808080) === 0) continue;
    const at = head + quad * 4;
    for (let byte = at; byte < at + 4; byte += 1) if (text[byte] === lineFeed) ends[line++] = byte + 1;
  }
  for (let at = head + quads.length * 4; at < text.length; at += 1)
    if (text[at] === lineFeed) ends[line++] = at + 1;
  if (line < count) ends.fill(text.length, line);
  return ends;
}

/** Where each line ends, given the ends that are no newline, in order. */
export function findLineEnds(text: Buffer, count: number, breaks: readonly number[]): Uint32Array {
  if (breaks.length === 0) return findFeeds(text, count);
  const ends = new Uint32Array(count);
  let from = 0;
  let nextBreak = 0;
  for (let line = 0; line < count; line += 1) {
    const feed = text.indexOf(lineFeed, from);
    const end = feed === -1 ? text.length : feed + 1;
    const cut = breaks[nextBreak] ?? text.length + 1;
    if (cut < end || (cut === end && text[end - 1] !== lineFeed)) nextBreak += 1;
    from = Math.min(end, cut);
    ends[line] = from;
  }
  return ends;
}

/** Where the content of a line ends: before its newline, and before a carriage return. */
export function contentEnd(text: Buffer, from: number, end: number): number {
  let to = end;
  if (to > from && text[to - 1] === lineFeed) to -= 1;
  return to > from && text[to - 1] === carriageReturn ? to - 1 : to;
}
