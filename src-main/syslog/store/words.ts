import { foldCase } from '../../../src-shared/model/syslog/query/logQuery.ts';

/**
 * A word is a run of ASCII letters, digits, `_` and bytes of other characters, folded, of two bytes or more. Joined words are an IPv4 address as a whole,
 * and two words with a hyphen between them: an address or an id has words that are common, but is itself rare.
 */
const minWordBytes = 2;
const dot = 0x2e;
const hyphen = 0x2d;
const addressParts = 4;

const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
/** 1 for a digit, 2 for another byte of a word, 0 for others. */
const kindOfByte = Uint8Array.from({ length: 256 }, (_, byte) =>
  isDigit(byte) ? 1 : byte > 0x7f || /[a-z_]/u.test(String.fromCharCode(byte)) ? 2 : 0,
);

/** Whether a byte belongs to a word. */
export const isWordByte = (byte: number): boolean => kindOfByte[byte] !== 0;

type Visit = (bytes: Uint8Array, from: number, to: number) => void;
export type WordVisitor = { onWord: Visit; onJoined: Visit };

/** Visits the words of folded bytes of UTF-8. */
export function visitWords(bytes: Uint8Array, from: number, to: number, visitor: WordVisitor): void {
  /** Starts of the last words that one dot or hyphen joins: of the word before, and of the address. */
  let addressFrom = -1;
  let parts = 0;
  let lastFrom = -1;
  let lastTo = -1;
  let at = from;
  while (at < to) {
    let kind = kindOfByte[bytes[at] ?? 0] ?? 0;
    if (kind === 0) {
      at += 1;
      continue;
    }
    const start = at;
    let kinds = 0;
    for (; kind !== 0; kind = at < to ? (kindOfByte[bytes[at] ?? 0] ?? 0) : 0) {
      kinds |= kind;
      at += 1;
    }
    if (at - start >= minWordBytes) visitor.onWord(bytes, start, at);
    const joiner = lastTo === start - 1 ? (bytes[lastTo] ?? 0) : 0;
    if (joiner === hyphen) visitor.onJoined(bytes, lastFrom, at);
    // Each window of four numbers is a joined word, so that an address is found in a longer row of numbers too.
    if (kinds !== 1) parts = 0;
    else if (joiner === dot && parts > 0) {
      parts += 1;
      if (parts > addressParts) addressFrom = bytes.indexOf(dot, addressFrom) + 1;
      if (parts >= addressParts) visitor.onJoined(bytes, addressFrom, at);
    } else {
      parts = 1;
      addressFrom = start;
    }
    lastFrom = start;
    lastTo = at;
  }
}

export type Words = { words: string[]; joined: string[] };

/** The words of a text, each once, as queries need them. */
export function wordsOf(text: string): Words {
  const words = new Set<string>();
  const joined = new Set<string>();
  const folded = Buffer.from(foldCase(text));
  visitWords(folded, 0, folded.length, {
    onWord: (bytes, from, to) => words.add(Buffer.from(bytes.subarray(from, to)).toString()),
    onJoined: (bytes, from, to) => joined.add(Buffer.from(bytes.subarray(from, to)).toString()),
  });
  return { words: [...words], joined: [...joined] };
}
