import { decodeLogBytes } from '../../../src-shared/model/syslog/logBytes.ts';
import { foldCase } from '../../../src-shared/model/syslog/query/logQuery.ts';
import { addWord, createFilter, isTooFull, TrigramHash } from './bloom/filter.ts';
import { lineFlags, type Columns } from './columns.ts';
import { createByteFolder } from './foldBytes.ts';
import { KeyedHash } from './keyedHash.ts';
import { contentEnd } from './pieces.ts';
import { visitWords, type WordVisitor } from './words.ts';

/** What searches know of a block without its text. */
export type WordIndex = {
  filter: Buffer;
  /** How many lines have a word, for each word on two lines or more: fingerprints in order, each with its count. */
  counts: Buffer;
};

const countEntryBytes = 8;
const fingerprintBytes = 6;
/** A small block is quicker scanned than its index is read. */
const minIndexedBytes = 16 * 1024;

/** The number by which a word is known, of 48 bits. */
export const fingerprint = ({ low, high }: Pick<KeyedHash, 'low' | 'high'>) =>
  (low >>> 0) + (high & 0xffff) * 2 ** 32;

/** Counts the lines of each word of a block: an open hash table that is emptied by a new `generation`. */
class WordTable {
  readonly #slots: number;
  readonly #generation: Int32Array;
  readonly #fingerprint: Float64Array;
  readonly #line: Int32Array;
  readonly #lines: Uint16Array;
  #current = 0;
  #used = 0;

  constructor(maxWords: number) {
    this.#slots = 2 ** Math.ceil(Math.log2(maxWords * 1.5));
    this.#generation = new Int32Array(this.#slots);
    this.#fingerprint = new Float64Array(this.#slots);
    this.#line = new Int32Array(this.#slots);
    this.#lines = new Uint16Array(this.#slots);
  }

  clear(): void {
    this.#current += 1;
    this.#used = 0;
  }

  /** Returns how many different words there are. */
  add(fingerprint: number, low: number, line: number): number {
    const mask = this.#slots - 1;
    let slot = low & mask;
    while (this.#generation[slot] === this.#current && this.#fingerprint[slot] !== fingerprint)
      slot = (slot + 1) & mask;
    if (this.#generation[slot] !== this.#current) {
      this.#generation[slot] = this.#current;
      this.#fingerprint[slot] = fingerprint;
      this.#lines[slot] = 1;
      this.#line[slot] = line;
      this.#used += 1;
    } else if (this.#line[slot] !== line) {
      this.#lines[slot] = (this.#lines[slot] ?? 0) + 1;
      this.#line[slot] = line;
    }
    return this.#used;
  }

  counts(): Buffer {
    const kept: number[] = [];
    for (let slot = 0; slot < this.#slots; slot += 1)
      if (this.#generation[slot] === this.#current && (this.#lines[slot] ?? 0) > 1) kept.push(slot);
    kept.sort((left, right) => (this.#fingerprint[left] ?? 0) - (this.#fingerprint[right] ?? 0));
    const bytes = Buffer.allocUnsafe(kept.length * countEntryBytes);
    for (const [at, slot] of kept.entries()) {
      bytes.writeUIntLE(this.#fingerprint[slot] ?? 0, at * countEntryBytes, fingerprintBytes);
      bytes.writeUInt16LE(this.#lines[slot] ?? 0, at * countEntryBytes + fingerprintBytes);
    }
    return bytes;
  }
}

/** On how many lines a word is, or null if on one at most. */
export function countOf(counts: Buffer, fingerprint: number): number | null {
  let low = 0;
  let high = counts.length / countEntryBytes;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = counts.readUIntLE(middle * countEntryBytes, fingerprintBytes);
    if (found === fingerprint) return counts.readUInt16LE(middle * countEntryBytes + fingerprintBytes);
    if (found < fingerprint) low = middle + 1;
    else high = middle;
  }
  return null;
}

/**
 * Indexes blocks of one store. Returns null for a block that an index would not help: it is small, or has so many different
 * words that the table or the filter is full. Such a block is a candidate for each query.
 */
export function createWordIndexer(key: Buffer, { maxWords = 32_768 }: { maxWords?: number } = {}) {
  const hash = new KeyedHash(key);
  const trigrams = new TrigramHash(key);
  const table = new WordTable(maxWords);
  const fold = createByteFolder();

  return {
    index: ({
      text,
      columns,
      ends,
    }: {
      text: Buffer;
      columns: Columns;
      ends: Uint32Array;
    }): WordIndex | null => {
      if (text.length < minIndexedBytes) return null;
      const filter = createFilter();
      table.clear();
      const folded = fold(text);
      let words = 0;
      let line = 0;
      const isFull = () => words > maxWords;
      const visitor: WordVisitor = {
        onWord: (bytes, from, to) => {
          hash.hash(bytes, from, to);
          addWord(filter, hash);
          if (!isFull()) words = table.add(fingerprint(hash), hash.low, line);
        },
        onJoined: (bytes, from, to) => {
          hash.hash(bytes, from, to);
          addWord(filter, hash);
        },
      };
      let from = 0;
      for (; line < columns.count && !isFull(); line += 1) {
        const end = ends[line] ?? 0;
        const to = contentEnd(text, from, end);
        if (((columns.flags[line] ?? 0) & lineFlags.notAscii) === 0) {
          visitWords(folded, from, to, visitor);
          trigrams.addAll(filter, folded, from, to);
        } else {
          const bytes = Buffer.from(foldCase(decodeLogBytes(text.subarray(from, to))));
          visitWords(bytes, 0, bytes.length, visitor);
          trigrams.addAll(filter, bytes, 0, bytes.length);
        }
        from = end;
      }
      return isFull() || isTooFull(filter)
        ? null
        : { filter: Buffer.from(filter.buffer), counts: table.counts() };
    },
  };
}
