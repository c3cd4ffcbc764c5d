/** Words of a hash that tell users apart: 96 bits, so that two of a billion users are mixed up once in ten billion reports. */
const hashWords = 3;
const firstSlots = 2 ** 12;

/**
 * Bits for each hash, in 13 bytes a slot: a Map of a million users would need the memory of the whole report. `hashWords`
 * words of each hash are used as they are, so hashes must be even.
 */
export function createBitsByHash() {
  let slots = firstSlots;
  let keys = new Uint32Array(slots * hashWords);
  let bits = new Uint8Array(slots);
  let size = 0;
  /** The slot of the hash, or the free one for it. A slot without bits is free. */
  const find = (hash: Uint32Array, at: number): number => {
    let slot = (hash[at] ?? 0) & (slots - 1);
    const isOther = (word: number) => keys[slot * hashWords + word] !== hash[at + word];
    while (bits[slot] !== 0 && (isOther(0) || isOther(1) || isOther(2))) slot = (slot + 1) & (slots - 1);
    return slot;
  };
  const put = (hash: Uint32Array, at: number, added: number): void => {
    const slot = find(hash, at);
    const before = bits[slot] ?? 0;
    if (before === 0) {
      size += 1;
      for (let word = 0; word < hashWords; word += 1) keys[slot * hashWords + word] = hash[at + word] ?? 0;
    }
    bits[slot] = before | added;
  };
  const grow = (): void => {
    const [oldKeys, oldBits] = [keys, bits];
    slots *= 2;
    keys = new Uint32Array(slots * hashWords);
    bits = new Uint8Array(slots);
    size = 0;
    for (const [slot, value] of oldBits.entries()) if (value !== 0) put(oldKeys, slot * hashWords, value);
  };
  return {
    /** Adds bits (1 to 255) to those of the hash. */
    add: (hash: Uint32Array, added: number): void => {
      if (size * 4 > slots * 3) grow();
      put(hash, 0, added);
    },
    /** How many hashes have all bits of `mask` as in `value`. */
    count: (mask: number, value: number): number => {
      let count = 0;
      for (const one of bits) if (one !== 0 && (one & mask) === value) count += 1;
      return count;
    },
  };
}
