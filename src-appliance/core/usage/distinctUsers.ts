/** Words of a hash that tells users apart: 96 bits, so that two of a billion users are mixed up once in ten billion reports. */
const hashWords = 3;
const firstSlots = 2 ** 12;
const bitValues = 256;

/**
 * Bits for each hash, in 13 bytes a slot: a Map of a million users would need the memory of the whole report. `hashWords`
 * words of each hash are used as they are, so hashes must be even.
 */
export function createBitsByHash() {
  let slots = firstSlots;
  let keys = new Uint32Array(slots * hashWords);
  let bits = new Uint8Array(slots);
  let size = 0;
  /** Adds bits to those of the hash that begins at `at`. A slot without bits is free. */
  const put = (hash: Uint32Array, at: number, added: number): void => {
    const [first = 0, second = 0, third = 0] = [hash[at], hash[at + 1], hash[at + 2]];
    for (let slot = first & (slots - 1); ; slot = (slot + 1) & (slots - 1)) {
      const before = bits[slot] ?? 0;
      const key = slot * hashWords;
      if (before === 0) {
        size += 1;
        keys[key] = first;
        keys[key + 1] = second;
        keys[key + 2] = third;
      } else if (keys[key] !== first || keys[key + 1] !== second || keys[key + 2] !== third) continue;
      bits[slot] = before | added;
      return;
    }
  };
  const grow = (): void => {
    const [oldKeys, oldBits] = [keys, bits];
    slots *= 2;
    keys = new Uint32Array(slots * hashWords);
    bits = new Uint8Array(slots);
    size = 0;
    for (let slot = 0; slot < oldBits.length; slot += 1) {
      const value = oldBits[slot] ?? 0;
      if (value !== 0) put(oldKeys, slot * hashWords, value);
    }
  };
  return {
    /** Adds bits (1 to 255) to those of the hash. */
    add: (hash: Uint32Array, added: number): void => {
      if (size * 4 > slots * 3) grow();
      put(hash, 0, added);
    },
    /** How many hashes have each value of the bits. */
    countValues: (): Uint32Array => {
      const counts = new Uint32Array(bitValues);
      for (let slot = 0; slot < slots; slot += 1) {
        const value = bits[slot] ?? 0;
        if (value !== 0) counts[value] = (counts[value] ?? 0) + 1;
      }
      return counts;
    },
  };
}
