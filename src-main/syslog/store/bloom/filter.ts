import type { KeyedHash } from '../keyedHash.ts';

/** Bits of the filter of one block: about 38 % are set by 256 kB of usual text **[ours]**. */
export const filterBits = 65_536;
export const filterBytes = filterBits / 8;
/** A filter with more bits set excludes too little to be worth its bytes. */
const maxSetBits = filterBits * 0.75;

export function createFilter(): Uint8Array {
  return new Uint8Array(filterBytes);
}

function setBit(filter: Uint8Array, bit: number): void {
  filter[bit >>> 3] = (filter[bit >>> 3] ?? 0) | (1 << (bit & 7));
}

export function hasBit(filter: Uint8Array, bit: number): boolean {
  return ((filter[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0;
}

/** The three bits of a word. Two are also part of its fingerprint, which does no harm. */
export function wordBits({ low, high }: Pick<KeyedHash, 'low' | 'high'>): [number, number, number] {
  return [low & 0xffff, low >>> 16, high >>> 16];
}

export function addWord(filter: Uint8Array, { low, high }: Pick<KeyedHash, 'low' | 'high'>): void {
  setBit(filter, low & 0xffff);
  setBit(filter, low >>> 16);
  setBit(filter, high >>> 16);
}

/** Maps each trigram to one bit, in a way that depends on the store's key. */
export class TrigramHash {
  readonly #add: number;
  readonly #multiply: number;

  constructor(key: Buffer) {
    this.#add = key.readInt32LE(0);
    this.#multiply = key.readInt32LE(4) | 1;
  }

  /** `trigram`: three bytes as one number. */
  bit(trigram: number): number {
    const mixed = Math.imul(trigram ^ this.#add, this.#multiply);
    return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> 16;
  }

  addAll(filter: Uint8Array, bytes: Uint8Array, from: number, to: number): void {
    if (to - from < 3) return;
    let trigram = ((bytes[from] ?? 0) << 8) | (bytes[from + 1] ?? 0);
    for (let at = from + 2; at < to; at += 1) {
      trigram = ((trigram << 8) | (bytes[at] ?? 0)) & 0xff_ffff;
      setBit(filter, this.bit(trigram));
    }
  }
}

export function isTooFull(filter: Uint8Array): boolean {
  let set = 0;
  for (const byte of filter) set += bitsOfByte[byte] ?? 0;
  return set > maxSetBits;
}

const bitsOfByte = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);
